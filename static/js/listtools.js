// What stands beside the filter box: views, columns, export.
import { columnMenu } from "./columnmenu.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { bring, bringDialog } from "./late.js";
import { menu } from "./menu.js";
import { t } from "./message.js";

let views = null; // the code of their menu, once it was opened

/** The buttons; `link(filter)` is an address of the list, `draw` draws the place where they stand. */
export function listTools({ filter, link, draw }) {
  return [
    menu({ key: "views", sign: "bookmark", text: t("views.button"), items: () => views.viewLines(filter, draw), draw,
      ready: async () => Boolean(views ??= await bring(() => import("./views.js"), "views")) }),
    columnMenu({ limit: filter.limit, link: (limit) => link({ ...filter, limit, cursor: null }), draw }),
    el("button", { class: "btn", type: "button", key: "export", on: { click: () => exportIt(filter) } },
      icon("download"), t("export.button")),
  ];
}

function exportIt(filter) {
  bringDialog(() => import("./exporting.js"), "many", (code) => code.openExport(filter));
}
