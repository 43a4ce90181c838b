// Real tables, described by their columns.
import { el, lazy } from "./dom.js";

/**
 * columns: [{name, head, num, quiet, label, cell(item), none(item), press(item, range)}] — `quiet` heads are for
 * screen readers alone; `label` stands before the value where rows are shown as cards; `none` cells are left out there;
 * `press` is a press on a cell that holds a checkbox, `range` says that shift was held; false: the box stays as it is.
 * `memo(item)` is a text of all that a row shows, if it knows: rows whose text stays the same are left alone.
 * `after(item)` may give a row that belongs below an item's; `section(item)` a heading above a run of items.
 */
export function table({ caption, kind, columns, items, keyOf, rowClass, after, section, memo }) {
  const stacked = /\bstack\b/.test(kind);
  const part = stacked ? (role) => ({ role }) : () => ({}); // cards: CSS takes the meaning away, roles keep it
  const row = (item) => [
    section?.(item),
    lazy("tr", { key: keyOf(item), class: rowClass?.(item) || null, ...part("row") }, memo?.(item),
      () => columns.map((column) => cell(column, item, part("cell")))),
    after?.(item),
  ];
  return el("div", { class: "table-wrap" },
    el("table", { class: `table ${kind}`, ...part("table") },
      el("caption", { class: "hidden" }, caption),
      el("thead", part("rowgroup"), el("tr", part("row"), columns.map((column) => head(column, part("columnheader"))))),
      el("tbody", part("rowgroup"), items.map(row))));
}

/** A row over the whole width, below the row of the item that `key` names. */
export function wideRow(key, kind, span, ...children) {
  return el("tr", { key, class: kind }, el("td", { colspan: span }, ...children));
}

function head({ name, head: text, num, quiet, sort }, role) {
  const content = quiet ? el("span", { class: "hidden" }, text) : text;
  return el("th", { scope: "col", class: num ? `c-${name} num` : `c-${name}`, "aria-sort": sort, ...role }, content);
}

function cell({ name, num, kind, label, cell: content, none, press }, item, role) {
  const empty = none?.(item);
  const classes = [`c-${name}`, num && "num", kind, empty && "none"].filter(Boolean).join(" ");
  // The whole cell is the target; a box in it shows what comes of that.
  const on = press ? { click: (event) => press(item, event.shiftKey) === false && event.preventDefault() } : {};
  return el("td", { class: classes, "data-label": label, ...role, on }, content(item));
}
