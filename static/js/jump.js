// The jump box: an id opens the task, a word finds a place or a thing to do.
import { visibleLine } from "./bytes.js";
import { nextTheme, theme } from "./choice.js";
import { fitting, idOf } from "./commands.js";
import { openDialog } from "./dialog.js";
import { el, patch } from "./dom.js";
import { inUtc } from "./format.js";
import { frame } from "./frame.js";
import { icon } from "./icon.js";
import { writeText } from "./language.js";
import { language, t } from "./message.js";
import { href } from "./router.js";
import { mayCreate } from "./session.js";

const PLACES = ["overview", "tasks", "destinations", "bulk", "methods", "statuses", "parameters",
  "system"];

/** Open it; `doings` are those of the frame. */
export function open(doings) {
  const list = el("ul", { class: "jump-list", id: "jump-list", role: "listbox", "aria-label": t("jump.label") });
  const input = el("input", { class: "input", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
    autofocus: true, "aria-label": t("jump.label"), placeholder: t("jump.label"), "aria-controls": "jump-list",
    "aria-expanded": "true", on: { input: () => choose(0), keydown } });
  const dialog = openDialog({ class: "dialog jump-box", "aria-label": t("jump.label") }, input, list);
  const all = commands(doings);
  let found = [];
  let chosen = 0;

  function choose(at) {
    found = offers(input.value);
    chosen = (at + found.length) % found.length;
    input.setAttribute("aria-activedescendant", `jump-${chosen}`);
    patch(list, found.map(option)); // the search at least
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  function offers(text) {
    const id = idOf(text);
    const to = (name, params, query) => () => doings.go(href(name, params, query));
    if (id) return [{ words: t("jump.task", { id }), sign: "tasks", run: to("task", { id }) }];
    const search = { words: t("jump.search", { text: visibleLine(text.trim()) }), sign: "search",
      run: to("tasks", {}, { q: writeText(text) }) };
    return [...fitting(all, text, language()), ...(text.trim() ? [search] : [])];
  }

  function option({ words, sign, keys }, at) {
    return el("li", { role: "option", id: `jump-${at}`, "aria-selected": String(at === chosen), key: words,
      on: { click: () => run(at) } }, icon(sign, "sm"), el("span", { class: "grow" }, words),
    keys && el("kbd", {}, keys));
  }

  function run(at) {
    dialog.close();
    found[at].run();
  }

  function keydown(event) {
    const { key, isComposing } = event;
    if (isComposing) return;
    if (key === "ArrowDown") choose(chosen + 1);
    else if (key === "ArrowUp") choose(chosen - 1);
    else if (key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  }

  choose(0);
}

function commands(doings) {
  const { session } = frame;
  const next = language() === "ru" ? "en" : "ru";
  const paint = () => {
    nextTheme();
    doings.redraw();
  };
  return [
    ...PLACES.map((name) => ({ words: t(`nav.${name}`), sign: name, run: () => doings.go(href(name)) })),
    mayCreate() && { words: t("nav.new_task"), sign: "plus", keys: "n", run: () => doings.go(href("composer")) },
    { words: t("jump.pause"), sign: "pause", keys: "p", run: doings.toggleLive },
    { words: t("theme.label", { theme: t(`theme.${theme()}`) }), sign: "moon", run: paint },
    { words: t("language.label"), sign: "globe", run: () => doings.chooseLanguage(next) },
    { words: t(inUtc() ? "zone.local" : "zone.utc"), sign: "clock", run: () => doings.chooseZone(!inUtc()) },
    { words: t("keys.title"), sign: "info", keys: "?", run: doings.help },
    session?.auth === "token" && (session.role ? { words: t("signin.out"), sign: "user", run: doings.signOut }
      : { words: t("signin.button"), sign: "user", run: doings.signIn }),
  ].filter(Boolean);
}
