// Views: filters with a name. Some are built in, others are kept in this browser.
import { visibleLine } from "./bytes.js";
import { keepChoice, keptList } from "./choice.js";
import { el } from "./dom.js";
import { fromParams, toParams } from "./filter.js";
import { icon } from "./icon.js";
import { menuButton } from "./menu.js";
import { t } from "./message.js";
import { ask } from "./question.js";
import { href } from "./router.js";

const MOST = 50;
const BUILT_IN = {
  failed_today: () => `status=failed&finished_from=${new Date(new Date().setHours(0, 0, 0, 0)).toISOString()}`,
  held: () => "held=true",
  oldest_due: () => "due_before=-1m&order=oldest",
};

/** Its lines; `filter` is what can be kept as a new one, `draw` draws the place where they stand. */
export function viewLines(filter, draw) {
  const kept = keptList("views").filter((view) => typeof view?.name === "string" && typeof view.query === "string");
  const keep = (views) => keepChoice("views", JSON.stringify(views.slice(-MOST)));
  const link = (name, query) => el("a", { class: "menu-item grow", href: address(query) }, icon("bookmark", "sm"),
    el("span", { class: "cut" }, visibleLine(name)));
  const remove = (name) => {
    const at = Object.keys(BUILT_IN).length + kept.findIndex((view) => view.name === name);
    keep(kept.filter((view) => view.name !== name));
    draw();
    const links = [...document.querySelectorAll(".menu a")];
    links[Math.min(at, links.length - 1)].focus();
  };
  return [
    Object.entries(BUILT_IN).map(([name, query]) => link(t(`views.${name}`), query())),
    kept.map(({ name, query }) => {
      const label = t("views.remove", { name: visibleLine(name) });
      return el("div", { class: "row", key: `view ${name}` }, link(name, query), el("button", { type: "button",
        class: "btn btn-quiet btn-sm btn-icon", "aria-label": label, title: label, on: { click: () => remove(name) } },
      icon("close", "sm")));
    }),
    menuButton(t("views.save_title"), () => askName((name) => {
      const query = toParams({ ...filter, cursor: null }).toString();
      keep([...kept.filter((view) => view.name !== name), { name, query }]);
    }), { sign: "plus" }),
  ];
}

function address(query) {
  return href("tasks", {}, toParams(fromParams(new URLSearchParams(query))));
}

function askName(save) {
  let name = "";
  const field = el("input", { class: "input", id: "view-name", type: "text", maxlength: 60, autofocus: true,
    autocomplete: "off", on: { input: ({ target }) => (name = target.value.trim()) } });
  const content = el("div", { class: "field" }, el("label", { for: "view-name" }, t("views.name")), field);
  ask({ title: t("views.save_title"), content, action: t("views.keep"), run: async () => name && save(name) });
}
