// The table of tasks and its foot.
import { isCompact, shownColumns } from "./columnmenu.js";
import { isLate, taskColumns } from "./columns.js";
import { el } from "./dom.js";
import { clock } from "./format.js";
import { icon } from "./icon.js";
import { isOpen } from "./menu.js";
import { t } from "./message.js";
import { rowMenu } from "./rowmenu.js";
import { has } from "./selection.js";
import { table } from "./table.js";

/**
 * `view` is {items, filter, selection, holds, waiting}; `link(filter)` an address, `choose(task, range)` a press on
 * a row's box, `draw` and `done` as for `rowMenu`.
 */
export function taskTable(view, { link, choose, draw, done }) {
  const { items, filter, selection, holds, waiting } = view;
  const shown = shownColumns();
  const check = { name: "check", head: t("column.select"), quiet: true, press: choose,
    cell: ({ id }) => el("input", { class: "check", type: "checkbox", checked: has(selection, id),
      "aria-label": t("select.task", { id: id.slice(-8) }) }) };
  const more = { name: "act", head: t("column.actions"), quiet: true, cell: (task) => rowMenu(task, { draw, done }) };
  const columns = taskColumns(shown, holds);
  const age = columns.at(-1);
  age.sort = filter.oldest ? "descending" : "ascending";
  age.head = el("a", { class: "sort", href: link({ ...filter, oldest: !filter.oldest, cursor: null }) }, age.head,
    filter.oldest ? " ↓" : " ↑");
  const kind = ["stack tasks", shown.length && `more-${shown.length}`, isCompact() && "compact", waiting && "waiting"];
  return table({ caption: t("tasks.caption"), kind: kind.filter(Boolean).join(" "), items, keyOf: ({ id }) => id,
    columns: [check, ...columns, more],
    memo: (task) => {
      const { state, until } = holds.get(task.destination) ?? {};
      return isOpen(task.id) ? undefined
        : JSON.stringify([task, has(selection, task.id), isLate(task), state, until, shown]);
    },
    rowClass: ({ id, gone }) => [gone && "gone", has(selection, id) && "picked"].filter(Boolean).join(" ") });
}

/** What stands below it: how many there are, when the counts were made, the way to other pages. */
export function pager({ items, next, prev }, { filter, at, link }) {
  const words = t("tasks.foot", { count: items.length });
  const step = (possible, cursor, text, ...around) => (possible
    ? el("a", { class: "btn btn-sm", href: link({ ...filter, cursor }) }, around[0], text, around[1])
    : el("button", { class: "btn btn-sm", type: "button", disabled: true }, around[0], text, around[1]));
  return el("div", { class: "card-foot" },
    el("span", { class: "grow" }, words, at && [" ", t("tasks.counted", { time: clock(at) })]),
    el("div", { class: "row" }, step(filter.cursor !== null, prev, t("tasks.newer"), icon("left", "sm")),
      step(next !== null, next, t("tasks.older"), null, icon("right", "sm"))));
}
