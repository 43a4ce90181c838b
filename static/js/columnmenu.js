// Which columns the list has, how high its rows are, how many stand on a page.
import { keepChoice, keptList } from "./choice.js";
import { OPTIONAL } from "./columns.js";
import { el } from "./dom.js";
import { LIMITS } from "./filter.js";
import { menu } from "./menu.js";
import { t } from "./message.js";

const COMPACT = "compact";
let chosen = keptList("columns");

/** Names of the optional columns that are shown. */
export function shownColumns() {
  return OPTIONAL.filter((name) => chosen.includes(name));
}

/** Are rows low? */
export function isCompact() {
  return chosen.includes(COMPACT);
}

/** The menu of columns; `link(limit)` is the address of the list with pages of so many. */
export function columnMenu({ limit, link, draw }) {
  const box = (name, text) => el("label", { class: "menu-item" }, el("input", { class: "check", type: "checkbox",
    checked: chosen.includes(name), on: { change: () => {
      chosen = chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name];
      keepChoice("columns", JSON.stringify(chosen));
      draw();
    } } }), text);
  const items = () => [
    OPTIONAL.map((name) => box(name, t(`fact.${name}`))),
    el("div", { class: "menu-line" }, box(COMPACT, t("columns.compact"))),
    el("div", { class: "menu-line menu-item" }, t("columns.limit"), el("span", { class: "segments" },
      LIMITS.map((each) => el("a", { href: link(each), "aria-current": each === limit ? "true" : null }, each)))),
  ];
  return menu({ key: "columns", sign: "columns", label: t("columns.button"), items, draw });
}
