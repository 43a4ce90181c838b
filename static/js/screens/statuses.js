// The list of statuses: the life of a task drawn, and what each status means.
import { get } from "../api.js";
import { block } from "../block.js";
import { el, patch } from "../dom.js";
import { number } from "../format.js";
import { lifecycle } from "../lifecycle.js";
import { language, t } from "../message.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { statusLabel } from "../status.js";
import { table } from "../table.js";

export function make({ signal }) {
  const list = el("section", { class: "card" });
  const life = el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, t("lifecycle.title"))),
    el("div", { class: "card-body flow-wrap", tabindex: "0" }, lifecycle()));
  const statuses = resource(() => get("/statuses", { signal }), draw);

  function draw() {
    patch(list, block(statuses, content, 6));
  }

  const content = ({ items }) => table({ caption: t("nav.statuses"), kind: "stack refs", items, columns: columns(),
    keyOf: ({ status }) => status });

  return { element: el("div", { class: "screen" }, life, list), title: () => t("nav.statuses"), load: statuses.load };
}

function columns() {
  return [
    { name: "status", head: t("column.status"), cell: ({ status }) => statusLabel(status) },
    { name: "code", head: t("column.code"), kind: "mono soft", cell: ({ status }) => status },
    { name: "group", head: t("column.group"), kind: "mono soft", label: t("column.group"), cell: ({ group }) => group },
    { name: "terminal", head: t("column.terminal"), label: t("column.terminal"),
      cell: ({ terminal }) => (terminal ? t("yes") : t("no")) },
    { name: "count", head: t("column.tasks_now"), num: true, label: t("column.tasks_now"),
      cell: ({ count }) => number(count) },
    { name: "why", head: t("column.meaning"), kind: "soft wrap", cell: ({ description }) => description[language()] },
    { name: "act", head: t("column.actions"), quiet: true, num: true, cell: ({ status }) => el("a",
      { class: "btn btn-sm", href: href("tasks", {}, { status }) }, t("nav.tasks")) },
  ];
}
