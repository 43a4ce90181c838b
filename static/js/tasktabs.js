// Groups of statuses above the list, each with the count of what matches.
import { get } from "./api.js";
import { el } from "./dom.js";
import { conditions, isNarrowed, withTerm } from "./filter.js";
import { number } from "./format.js";
import { statusCounts } from "./frame.js";
import { t } from "./message.js";
import { glyph, groupOf, GROUPS, STATUSES, statusesOf } from "./status.js";

const LASTS = 30_000; // ms that counts are good for, since counting takes the service time

/** Tabs of groups; `counts` are {by_status, exact} or null, `link(filter)` gives an address. */
export function groupTabs({ filter, counts, link }) {
  const group = groupAsked(filter);
  const tab = (name) => el("a", { href: link(withTerm(withTerm(filter, "status", []), "group", name ? [name] : [])),
    "aria-current": group === name ? "page" : null }, name && glyph(name, "sm"),
  t(name ? `groups.${name}` : "groups.all"), counts && countOf(name, counts));
  return el("nav", { class: "tabs", "aria-label": t("tasks.groups") }, tab(""), GROUPS.map(tab));
}

// The group that all that is asked for belongs to, "" for all tasks; of several groups none is the one.
function groupAsked({ terms: { group, status } }) {
  const asked = group ?? (status && [...new Set(status.map(groupOf))]) ?? [""];
  return asked.length === 1 ? asked[0] : null;
}

/** What is counted for a filter: its conditions but for group and status, which the tabs offer. */
export function counted(filter) {
  return conditions(withTerm(withTerm(filter, "status", []), "group", [])).toString();
}

/** How many tasks of each status match, whatever group and status are asked for: {of, at, by_status, exact}. */
export async function askCounts(filter, known, signal, now) {
  const of = counted(filter);
  if (isNarrowed(filter)) {
    if (known?.of === of && now - known.at < LASTS) return known;
    return { ...await get("/tasks/count", { signal, query: new URLSearchParams(of) }), of, at: now };
  }
  const all = await statusCounts(); // the frame's
  return all ? { by_status: all, exact: true, of, at: now } : { ...await get("/tasks/count", { signal }), of, at: now };
}

function countOf(group, { by_status: known, exact }) {
  const sum = (group ? statusesOf(group) : STATUSES).reduce((all, status) => all + known[status], 0);
  return el("span", { class: "count" }, exact ? number(sum) : t("tasks.at_least", { count: sum }));
}
