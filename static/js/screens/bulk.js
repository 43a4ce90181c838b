// Bulk operations: what runs, and what has ended.
import { get } from "../api.js";
import { block, empty } from "../block.js";
import { visibleLine } from "../bytes.js";
import { el, patch } from "../dom.js";
import { number } from "../format.js";
import { icon } from "../icon.js";
import { t, word } from "../message.js";
import { time } from "../moment.js";
import { SIGNS, skippedBy } from "../operation.js";
import { filterText, operationCard, stateBadge } from "../operationcard.js";
import { take } from "../progress.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { table } from "../table.js";

export function make({ query, signal, live }) {
  const element = el("div", { class: "screen" });
  const cursor = query.get("cursor");
  const bulks = resource(() => get("/bulk", { signal, query: { limit: 50, ...(cursor && { cursor }) } }), draw);

  function draw() {
    patch(element, block(bulks, content, 6));
  }

  function stopped(bulk) {
    take(bulk);
    return live.now();
  }

  function content({ items, next }) {
    const running = items.filter(({ state }) => state === "running");
    const ended = items.filter(({ state }) => state !== "running");
    return [
      running.map((bulk) => operationCard(bulk, stopped)),
      el("section", { class: "card", key: "ended" },
        el("div", { class: "card-head" }, el("h2", {}, t("bulk.finished"))),
        ended.length ? list(ended) : none(),
        (next || cursor) && el("div", { class: "card-foot" },
          cursor && el("a", { class: "btn btn-sm", href: href("bulk") }, t("tasks.to_newest")),
          next && el("a", { class: "btn btn-sm", href: href("bulk", {}, { cursor: next }) }, t("tasks.older")))),
    ];
  }

  // Those that run go on by what is told of them; one that begins or ends changes the list.
  function told(name, data) {
    if (name !== "bulk" || !bulks.data) return false;
    const now = new Map(data.items.map((bulk) => [bulk.id, bulk]));
    const known = bulks.data.items.filter(({ id }) => now.has(id));
    const same = ({ id, state }) => state === now.get(id).state;
    if (known.length < now.size || data.more || !known.every(same)) return false;
    bulks.data = { ...bulks.data, items: bulks.data.items.map((bulk) => now.get(bulk.id) ?? bulk) };
    draw();
    return true;
  }

  return { element, title: () => t("nav.bulk"), load: bulks.load, wish: () => ({ topics: ["bulk"] }), told };
}

function none() {
  const tasks = el("a", { class: "btn", href: href("tasks") }, t("nav.tasks"));
  return empty("bulk", t("bulk.none"), t("bulk.none_text"), tasks);
}

function list(items) {
  const columns = [
    { name: "wide", head: t("bulk.operation"), cell: ({ id, action }) => el("a", { class: "row",
      href: href("operation", { id }) }, icon(SIGNS[action], "sm"), t(`bulk.verb_${action}`)) },
    { name: "state", head: t("column.state"), cell: stateBadge },
    { name: "filter", head: t("plan.filter"), kind: "wrap soft", cell: (bulk) => el("span", { class: "mono" },
      filterText(bulk)) },
    column("matched", { num: true, cell: ({ matched }) => number(matched) }),
    column("done", { num: true, cell: ({ done }) => number(done) }),
    column("skipped", { num: true, cell: skipped }),
    column("by", { kind: "soft", cell: begun }),
    column("ended", { kind: "soft", cell: ({ finished_at: at }) => time(at, "nearby") }),
  ];
  return table({ caption: t("bulk.finished"), kind: "stack refs", items, columns, keyOf: ({ id }) => id });
}

function column(name, rest) {
  return { name, head: t(`bulk.head_${name}`), label: t(`bulk.head_${name}`), ...rest };
}

function skipped(bulk) {
  const reasons = Object.entries(bulk.skipped);
  const why = reasons.map(([reason, count]) => [reasons.length > 1 && number(count), word("passed_over", reason)]
    .filter(Boolean).join(" ")).join(", ");
  return el("span", { title: why || null }, number(skippedBy(bulk)), why && el("small", { class: "muted why" }, why));
}

function begun({ by, created_at: at }) {
  return el("span", {}, visibleLine(by), el("small", { class: "muted why" }, time(at, "nearby")));
}
