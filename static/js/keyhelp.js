// The keys of the page, and the switch that turns them off.
import { choice, keepChoice } from "./choice.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { GOES } from "./keys.js";
import { t } from "./message.js";

const LISTED = { jump: ["Ctrl K"], help: ["?"], search: ["/"], new_task: ["n"], pause: ["p"], close: ["Esc"] };
const OF_LISTS = { step: ["j", "k"], open: ["Enter"] };
const OF_TASKS = { select: ["x"], retry: ["r"], cancel: ["c"] };

/** Show them. */
export function open() {
  const switched = el("input", { class: "check", type: "checkbox", checked: choice("keys") !== "off",
    on: { change: ({ target }) => keepChoice("keys", target.checked ? null : "off") } });
  const close = el("button", { class: "btn", type: "button", autofocus: true, on: { click: () => dialog.close() } },
    t("keys.done"));
  const dialog = openDialog({ class: "dialog keys", "aria-labelledby": "keys-title" },
    el("div", { class: "dialog-body" },
      el("h2", { id: "keys-title" }, t("keys.title")),
      part("everywhere", lines(LISTED)),
      part("go", Object.entries(GOES).map(([code, name]) => line(t(`nav.${name}`), ["g", letter(code)]))),
      part("lists", lines(OF_LISTS)),
      part("tasks", lines(OF_TASKS)),
      el("label", { class: "row" }, switched, t("keys.on")),
      el("p", { class: "help" }, t("keys.layout"))),
    el("div", { class: "dialog-foot" }, close));
}

const lines = (keys) => Object.entries(keys).map(([name, each]) => line(t(`keys.${name}`), each));

function part(name, lines) {
  return el("section", {}, el("h3", {}, t(`keys.${name}`)), el("dl", { class: "key-list" }, lines));
}

const letter = (code) => code.slice(-1).toLowerCase();

function line(words, keys) {
  return el("div", {}, el("dt", {}, words), el("dd", {}, keys.flatMap((key) => [" ", el("kbd", {}, key)])));
}
