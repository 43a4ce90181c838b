// Changes of a task as people compare them: before and after, a long text line by line.
import { visible, visibleLine } from "./bytes.js";
import { linesOf, near } from "./diff.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";

const MARKS = { same: " ", gone: "−", new: "+" };

/** A list of changes {field, name, before, after} under a title; `undo(change)` takes one back. */
export function changeList(changes, title, undo) {
  if (!changes.length) return null;
  return el("section", { class: "changes", key: title, "aria-label": title }, el("h3", {}, title),
    el("ul", {}, changes.map((change) => item(change, undo))));
}

function item(change, undo) {
  const { field, name, before, after } = change;
  const label = field === "headers" ? visibleLine(name) : t(`changed.${field}`);
  return el("li", { key: `${field} ${name ?? ""}` },
    el("div", { class: "row" }, el("b", { class: "grow" }, label),
      undo && el("button", { class: "btn btn-quiet btn-sm btn-icon", type: "button", title: t("edit.undo"),
        "aria-label": t("edit.undo_of", { name: label }), on: { click: () => undo(change) } }, icon("resend", "sm"))),
    el("pre", { class: "pre pre-wrap diff" }, lines(field, before, after)));
}

function lines(field, before, after) {
  const compared = field === "body" ? near(linesOf(before ?? "", after ?? ""))
    : [before && { kind: "gone", text: before }, after && { kind: "new", text: after }].filter(Boolean);
  return compared.map(({ kind, text, count }) => (kind === "fold"
    ? el("span", { class: "muted" }, t("edit.same", { count }), "\n")
    : el("span", { class: kind }, `${MARKS[kind]} ${visible(text)}\n`)));
}
