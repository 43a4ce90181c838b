// The audit log in words: who did what, to what.
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { number } from "./format.js";
import { t, word } from "./message.js";
import { time } from "./moment.js";
import { filterText } from "./operationcard.js";
import { href } from "./router.js";
import { table } from "./table.js";
import { placeName } from "./trouble.js";

/** The table of the entries of /audit. */
export function auditTable(items) {
  const columns = [
    { name: "action", head: t("audit.action"), cell: ({ action }) => word("audited", action) },
    { name: "when", head: t("audit.when"), cell: ({ at }) => time(at, "nearby") },
    { name: "who", head: t("audit.who"), kind: "wrap", cell: ({ by }) => visibleLine(by) },
    { name: "subject", head: t("audit.subject"), kind: "wrap", cell: subject },
    { name: "count", head: t("audit.count"), num: true, label: t("audit.count"), cell: ({ count }) => number(count) },
  ];
  const repeated = new Map(); // entries have no key of their own
  const keyOf = ({ at, action, subject: whom }) => {
    const key = JSON.stringify([at, action, whom]);
    repeated.set(key, (repeated.get(key) ?? 0) + 1);
    return `${key} ${repeated.get(key)}`;
  };
  return table({ caption: t("audit.title"), kind: "stack audit", items, columns, keyOf });
}

function subject({ subject: { id, destination, bulk, filter, ids, note, ...orders } }) {
  if (id) return el("a", { class: "mono", href: href("task", { id }), title: id }, `…${visibleLine(id.slice(-8))}`);
  if (bulk) {
    return el("span", { class: "two" }, el("a", { href: href("operation", { id: bulk }) }, t("bulk.operation")),
      (filter || ids) && el("small", { class: "mono" }, filterText({ filter, ids })));
  }
  if (!destination) return null;
  const said = Object.entries(orders).map(([name, value]) => t("audit.order", { name,
    value: value ?? t("audit.as_set") }));
  return el("span", { class: "two" }, el("a", { href: href("destinations", {}, { q: destination }) },
    placeName(destination)), (note || said.length > 0) && el("small", {}, note ? visibleLine(note) : said.join(", ")));
}
