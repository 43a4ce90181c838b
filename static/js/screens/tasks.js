// The list of tasks: groups, statuses, terms of the filter, a table that stays still, pages by cursor.
import { get } from "../api.js";
import { block, empty, notice } from "../block.js";
import { visibleLine } from "../bytes.js";
import { taskColumns } from "../columns.js";
import { el, patch } from "../dom.js";
import { fromParams, otherTerms, toParams, withTerm, withoutTerms } from "../filter.js";
import { clock, number } from "../format.js";
import { icon } from "../icon.js";
import { t, word } from "../message.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { searchBox } from "../searchbox.js";
import { glyph, GROUPS, STATUSES, statusesOf } from "../status.js";
import { table } from "../table.js";
import { loadPage, refreshPage } from "../tasklist.js";

const TASK_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function make({ query, signal, go }) {
  const element = el("div", { class: "screen" });
  let filter = fromParams(query);
  let anew = true; // the next answer replaces the rows
  let moved = false; // rows of the filter before are still shown

  const list = resource(async () => {
    const asked = filter;
    const page = anew ? await loadPage(asked, signal) : await refreshPage(list.data, asked, signal);
    if (asked !== filter) return list.data; // an answer to the filter before
    anew = moved = false;
    return page;
  }, draw);
  const counts = resource(() => askCounts(otherTerms(filter), signal), draw);

  function draw() {
    patch(element, tabs(), toolbar(), el("section", { class: "card", "aria-label": t("nav.tasks") },
      block(moved && list.error ? { ...list, data: null } : list, content, 10)));
  }

  function show(next) {
    if (JSON.stringify(otherTerms(next)) !== JSON.stringify(otherTerms(filter))) counts.data = null;
    anew = moved = true;
    filter = next;
    draw();
  }

  const link = (next) => href("tasks", {}, toParams(next));

  function tabs() {
    const group = filter.terms.group?.join(",") ?? "";
    const tab = (name) => el("a", { href: link(withTerm(withTerm(filter, "status", []), "group", name ? [name] : [])),
      "aria-current": group === name ? "page" : null }, name && glyph(name, "sm"),
    name ? t(`groups.${name}`) : t("groups.all"), countOf(name));
    const fresh = list.data?.fresh;
    return el("div", { class: "tabs-row" },
      el("nav", { class: "tabs", "aria-label": t("tasks.groups") }, tab(""), GROUPS.map(tab)),
      fresh > 0 && el("button", { class: "fresh", type: "button", on: { click: showFresh } },
        t("tasks.fresh", { count: fresh })));
  }

  function countOf(group) {
    if (!counts.data) return null;
    const { by_status: known, exact } = counts.data;
    const sum = (group ? statusesOf(group) : STATUSES).reduce((all, status) => all + known[status], 0);
    return el("span", { class: "count" }, exact ? number(sum) : t("tasks.at_least", { count: sum }));
  }

  function toolbar() {
    const [group] = filter.terms.group ?? [];
    const offered = group ? statusesOf(group) : STATUSES;
    return el("div", { class: "toolbar" }, searchBox(t("tasks.jump"), "", jump),
      offered.length > 1 && el("div", { class: "choices", role: "group", "aria-label": t("column.status") },
        offered.map(statusChoice)),
      otherTerms(filter).map(term));
  }

  function statusChoice(status) {
    const chosen = filter.terms.status ?? [];
    const on = chosen.includes(status);
    const next = on ? chosen.filter((other) => other !== status) : [...chosen, status];
    const address = link(withTerm(filter, "status", next));
    return el("a", { class: "choice", href: address, "aria-current": on ? "true" : null }, glyph(status, "sm"),
      word("status", status));
  }

  function term([name, values]) {
    const text = visibleLine(values.join(","));
    const label = t("tasks.remove_term", { name });
    return el("span", { class: "term", key: `term ${name}` }, el("i", {}, `${visibleLine(name)}:`),
      el("span", { class: "cut" }, text),
      el("a", { href: link(withTerm(filter, name, [])), "aria-label": label, title: label }, icon("close")));
  }

  function jump(text) {
    const id = text.trim().toLowerCase();
    if (TASK_ID.test(id)) go(href("task", { id }));
  }

  function content(page) {
    if (!page.items.length) return nothing();
    return [
      page.complete === false && notice("warn", "clock", el("span", {}, t("tasks.incomplete"))),
      table({ caption: t("tasks.caption"), kind: moved ? "stack tasks waiting" : "stack tasks", items: page.items,
        columns: taskColumns(), keyOf: ({ id }) => id, rowClass: ({ gone }) => (gone ? "gone" : "") }),
      foot(page),
    ];
  }

  function nothing() {
    const create = el("a", { class: "btn btn-primary", href: href("composer") }, icon("plus"), t("nav.new_task"));
    const newest = el("a", { class: "btn", href: link({ ...filter, cursor: null }) }, t("tasks.to_newest"));
    if (filter.cursor) return empty("inbox", t("tasks.end"), null, newest);
    if (!Object.keys(filter.terms).length) return empty("inbox", t("tasks.none_yet"), t("tasks.none_yet_text"), create);
    const clear = el("a", { class: "btn", href: link(withoutTerms(filter)) }, t("tasks.clear_filter"));
    return empty("search", t("tasks.no_match"), null, clear, create);
  }

  function foot({ items, next, prev }) {
    const words = t("tasks.foot", { count: items.length, time: clock(list.at) });
    const step = (possible, cursor, text, ...around) => (possible
      ? el("a", { class: "btn btn-sm", href: link({ ...filter, cursor }) }, around[0], text, around[1])
      : el("button", { class: "btn btn-sm", type: "button", disabled: true }, around[0], text, around[1]));
    return el("div", { class: "card-foot" }, el("span", { class: "grow" }, words), el("div", { class: "row" },
      step(filter.cursor !== null, prev, t("tasks.newer"), icon("left", "sm")),
      step(next !== null, next, t("tasks.older"), null, icon("right", "sm"))));
  }

  function showFresh() {
    anew = true;
    list.load();
    scrollTo(0, 0);
  }

  return {
    element,
    title: () => t("nav.tasks"),
    load: async () => (await Promise.all([list.load(), counts.load()])).every(Boolean),
    moved: (next) => {
      show(fromParams(next));
      return true;
    },
  };
}

// How many tasks of each status there are: of all, which the service always knows, or of those that match the terms.
async function askCounts(terms, signal) {
  if (terms.length) {
    return get("/tasks/count", { signal, query: terms.map(([name, values]) => [name, values.join(",")]) });
  }
  const { items } = await get("/statuses", { signal });
  return { by_status: Object.fromEntries(items.map(({ status, count }) => [status, count])), exact: true };
}
