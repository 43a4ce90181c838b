// The menu of one task of the list.
import { bring } from "./late.js";
import { menu } from "./menu.js";
import { t } from "./message.js";

let lines = null; // the code of what it offers, once a menu was opened

/** The menu of a row; `done` is called when something was done to the task. */
export function rowMenu(task, { draw, done }) {
  const items = () => lines.rowLines(task, done);
  return menu({ key: task.id, sign: "more", label: t("column.actions"), kind: "btn btn-quiet btn-sm", items, draw,
    ready: async () => Boolean(lines ??= await bring(() => import("./rowlines.js"))) });
}
