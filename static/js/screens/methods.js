// The list of methods: the built-in verbs and those of the configuration.
import { get } from "../api.js";
import { block } from "../block.js";
import { visibleLine } from "../bytes.js";
import { createLink } from "../createlink.js";
import { el, patch } from "../dom.js";
import { duration } from "../format.js";
import { t } from "../message.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { table } from "../table.js";

export function make({ signal }) {
  const element = el("section", { class: "card" });
  const methods = resource(() => get("/methods", { signal }), draw);

  function draw() {
    patch(element, block(methods, content, 5));
  }

  const content = ({ items }) => [
    table({ caption: t("nav.methods"), kind: "stack refs", items, columns: columns(), keyOf: ({ name }) => name }),
    el("div", { class: "card-foot" }, t("methods.foot")),
  ];

  return { element, title: () => t("nav.methods"), load: methods.load };
}

function columns() {
  const given = (text) => el("span", { class: "muted" }, text);
  const usual = () => given(t("methods.of_service"));
  return [
    { name: "method", head: t("column.method"), cell: nameAndPurpose },
    { name: "verb", head: t("column.verb"), kind: "mono", cell: ({ http_method }) => http_method },
    { name: "wide", head: t("column.url"), kind: "soft wrap",
      cell: ({ url }) => (url ? el("span", { class: "mono" }, visibleLine(url)) : given(t("methods.url_by_task"))) },
    { name: "timeout", head: t("column.timeout"), num: true, label: t("column.timeout"),
      cell: ({ timeout }) => (timeout === null ? usual() : duration(timeout * 1000)) },
    { name: "attempts", head: t("column.attempts"), num: true, label: t("column.attempts"),
      cell: ({ max_attempts }) => max_attempts ?? usual() },
    { name: "signed", head: t("column.signature"), kind: "soft", label: t("column.signature"),
      cell: ({ signed }) => (signed ? t("methods.secrets", { count: signed }) : t("methods.unsigned")) },
    { name: "origin", head: t("column.origin"), cell: ({ builtin }) => (builtin
      ? given(t("methods.builtin")) : el("span", { class: "tag" }, "config.toml")) },
    { name: "act", head: t("column.actions"), quiet: true, num: true, cell: acts },
  ];
}

function acts({ name }) {
  return el("span", { class: "row acts" },
    createLink("btn btn-sm", { method: name }, t("methods.new_task")),
    el("a", { class: "btn btn-sm", href: href("tasks", {}, { method: name }) }, t("nav.tasks")));
}

function nameAndPurpose({ name, description, builtin }) {
  const title = el("b", { class: "mono" }, visibleLine(name));
  if (builtin || !description) return title;
  return el("span", { class: "two" }, title, el("small", {}, visibleLine(description)));
}
