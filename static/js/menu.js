// Small menus at a button: one is open at a time, and it is described only while it is.
import { el } from "./dom.js";
import { icon } from "./icon.js";

let opened = null; // {key, draw}
const place = new CSSStyleSheet(); // where the open one stands: the policy lets no element carry a rule of its own
document.adoptedStyleSheets.push(place);

/**
 * A button with a menu: `items()` gives its content, `draw` draws the place where it stands. Without `text` the
 * button is its icon alone, with `label`. `ready()` has what the content needs loaded, and says whether it is there.
 */
export function menu({ key, sign, text, label, kind = "btn", items, draw, ready }) {
  const open = isOpen(key);
  const toggle = async ({ currentTarget }) => {
    if (open) return close();
    close();
    if (ready && !(await ready())) return;
    opened = { key, draw };
    draw();
    settle();
    stops(currentTarget.parentNode)[0]?.focus({ preventScroll: true });
  };
  return el("span", { class: "menu-at", key: `menu ${key}`, on: { keydown: move } },
    el("button", { class: text ? kind : `${kind} btn-icon`, type: "button", "aria-expanded": String(open),
      "aria-label": label ?? null, title: label ?? null, on: { click: toggle } }, icon(sign), text),
    open && el("div", { class: "menu" }, items()));
}

/** A line of a menu that does something and closes it; `refused` says why it can't. */
export function menuButton(text, press, { sign, refused } = {}) {
  return el("button", { class: "menu-item", type: "button", title: refused ?? null,
    "aria-disabled": refused ? "true" : null, on: { click: () => {
      if (refused) return;
      close();
      press();
    } } }, sign && icon(sign, "sm"), text);
}

/** Is the menu of a key open? */
export function isOpen(key) {
  return opened?.key === key;
}

/** Close what is open; the focus goes back to its button. */
export function close() {
  if (!opened) return;
  const { key, draw } = opened;
  const around = document.querySelector(`[data-key="${CSS.escape(`menu ${key}`)}"]`);
  const inside = around?.contains(document.activeElement);
  opened = null;
  draw();
  if (inside) around.querySelector("button").focus();
}

// Below its button, or above it where there is more room.
function settle() {
  const panel = document.querySelector(".menu");
  if (!panel) return;
  const { top, bottom, right } = panel.parentNode.getBoundingClientRect();
  const y = bottom + panel.offsetHeight + 8 < innerHeight ? bottom + 4 : Math.max(top - panel.offsetHeight - 4, 8);
  place.replaceSync(`.menu { top: ${y}px; left: ${Math.max(right - panel.offsetWidth, 8)}px; }`);
}

function stops(around) {
  return [...around.querySelectorAll(".menu :is(a, button, input)")];
}

function move(event) {
  const { key, currentTarget } = event;
  if (!opened) return;
  if (key === "Escape") close();
  else if (key === "Tab") return void close();
  else if (key === "ArrowDown" || key === "ArrowUp") {
    const all = stops(currentTarget);
    const at = all.indexOf(document.activeElement) + (key === "ArrowDown" ? 1 : -1);
    all.at(at % all.length)?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Menus close when something else is pressed, or a link of theirs is followed; they go with their button. */
export function watchMenus() {
  addEventListener("pointerdown", ({ target }) => target.closest(".menu-at")?.querySelector(".menu") || close());
  addEventListener("click", ({ target }) => target.closest(".menu a") && close());
  addEventListener("scroll", settle, true);
  addEventListener("resize", settle);
}
