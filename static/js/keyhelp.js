// The keys of the page, and the switch that turns them off.
import { choice, keepChoice } from "./choice.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { GOES } from "./keys.js";
import { t } from "./message.js";

const letter = (code) => code.slice(-1).toLowerCase();

/** The keys by part: [the name of what they do, keys] each. */
export const KEYS = {
  everywhere: [["keys.jump", "Ctrl K"], ["keys.help", "?"], ["keys.search", "/"], ["keys.new_task", "n"],
    ["keys.pause", "p"], ["keys.close", "Esc"]],
  go: Object.entries(GOES).map(([code, name]) => [`nav.${name}`, "g", letter(code)]),
  lists: [["keys.step", "j", "k"], ["keys.open", "Enter"]],
  tasks: [["keys.select", "x"], ["keys.retry", "r"], ["keys.cancel", "c"]],
};

/** Show them. */
export function open() {
  const switched = el("input", { class: "check", type: "checkbox", checked: choice("keys") !== "off",
    on: { change: ({ target }) => keepChoice("keys", target.checked ? null : "off") } });
  const close = el("button", { class: "btn", type: "button", autofocus: true, on: { click: () => dialog.close() } },
    t("keys.done"));
  const dialog = openDialog({ class: "dialog keys", "aria-labelledby": "keys-title" },
    el("div", { class: "dialog-body" },
      el("h2", { id: "keys-title" }, t("keys.title")),
      Object.entries(KEYS).map(([name, lines]) => part(name, lines)),
      el("label", { class: "row" }, switched, t("keys.on")),
      el("p", { class: "help" }, t("keys.layout"))),
    el("div", { class: "dialog-foot" }, close));
}

function part(name, lines) {
  return el("section", {}, el("h3", {}, t(`keys.${name}`)), el("dl", { class: "key-list" }, lines.map(line)));
}

function line([does, ...keys]) {
  return el("div", {}, el("dt", {}, t(does)), el("dd", {}, keys.flatMap((key) => [" ", el("kbd", {}, key)])));
}
