// The top bar: where one is, the way to a task or command, the state of the updates, and a new task. A function of the
// page's state {heading, extra, live}, and of what can be done: {jump, toggleLive}.
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { livePill } from "./pill.js";
import { href } from "./router.js";
import { mayCreate } from "./session.js";
import { toast } from "./toast.js";

/** The top bar. */
export function topBar(state, doings) {
  return [state.heading, el("div", { class: "bar-end" }, state.extra, jumpButton(doings), livePill(state, doings),
    createButton())];
}

function jumpButton({ jump }) {
  return el("button", { class: "jump", type: "button", "aria-label": t("jump.label"), "aria-haspopup": "dialog",
    "aria-keyshortcuts": "Control+K", key: "jump", on: { click: jump } }, icon("search"),
  el("span", {}, t("jump.label")), el("kbd", {}, "Ctrl K"));
}

function createButton() {
  const content = [icon("plus"), t("nav.new_task")];
  if (mayCreate()) return el("a", { class: "btn btn-primary", href: href("composer") }, content);
  const refused = t("refused.role");
  return el("button", { class: "btn btn-primary", type: "button", "aria-disabled": "true", title: refused,
    on: { click: () => toast(refused, "info") } }, content);
}
