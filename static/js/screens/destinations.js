// The list of destinations: who is in trouble, why, until when, and how much waits there.
import { get } from "../api.js";
import { block, empty, notice } from "../block.js";
import { visibleLine } from "../bytes.js";
import { bar } from "../columns.js";
import { el, patch } from "../dom.js";
import { duration, number, percent } from "../format.js";
import { icon } from "../icon.js";
import { t } from "../message.js";
import { time } from "../moment.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { searchBox } from "../searchbox.js";
import { overdueSince, STATE_LOOKS, STATES, stateLabel, whyNotNormal } from "../steering.js";
import { table, wideRow } from "../table.js";

const MOST = 200;

export function make({ query, signal, go }) {
  const element = el("div", { class: "screen" });
  let asked = read(query);
  const destinations = resource(() => get("/destinations", { signal, query: { limit: MOST } }), draw);

  function draw() {
    patch(element, block(destinations, content, 8));
  }

  function content({ items, next }) {
    const matching = items.filter(({ key }) => key.includes(asked.q.trim().toLowerCase()));
    const shown = matching.filter(({ state }) => !asked.state || state === asked.state).sort(byTrouble);
    return [
      el("div", { class: "tabs-row" }, el("nav", { class: "tabs", "aria-label": t("destinations.states") },
        tab("", matching), STATES.map((state) => tab(state, matching)))),
      el("div", { class: "toolbar" }, searchBox(t("destinations.search"), asked.q, search),
        el("span", { class: "muted wide-only" }, t("destinations.order"))),
      el("section", { class: "card", "aria-label": t("nav.destinations") },
        shown.length ? list(shown) : nothing(items.length),
        foot(shown.length, next)),
    ];
  }

  function tab(state, items) {
    const count = items.filter((item) => !state || item.state === state).length;
    const look = STATE_LOOKS[state];
    return el("a", { href: href("destinations", {}, write({ ...asked, state })),
      "aria-current": asked.state === state ? "page" : null },
    look && el("span", { class: look.colour }, icon(look.sign, "sm")),
    t(state ? `state.${state}` : "groups.all"), el("span", { class: "count" }, number(count)));
  }

  function search(q) {
    go(href("destinations", {}, write({ ...asked, q })), { replace: true });
  }

  function foot(count, more) {
    const shown = t(more ? "destinations.foot_first" : "destinations.foot", { count });
    return el("div", { class: "card-foot" }, shown, " ", t("destinations.nothing_lost"));
  }

  function nothing(known) {
    return known ? empty("search", t("destinations.no_match"), null)
      : empty("destinations", t("destinations.none_yet"), t("destinations.none_yet_text"));
  }

  return { element, title: () => t("nav.destinations"), load: destinations.load, moved: (next) => {
    asked = read(next);
    draw();
  } };
}

function read(query) {
  const state = query.get("state");
  return { q: query.get("q") ?? "", state: STATES.includes(state) ? state : "" };
}

function write({ q, state }) {
  return { ...(q && { q }), ...(state && { state }) };
}

// Trouble first, then those where most waits.
function byTrouble(one, other) {
  return STATES.indexOf(one.state) - STATES.indexOf(other.state) || other.waiting - one.waiting
    || (one.key < other.key ? -1 : 1);
}

function list(items) {
  const columns = [...basicColumns(), ...(items.some(({ recent }) => recent) ? recentColumns() : [])];
  const span = columns.length;
  const why = (item) => item.state !== "normal" && wideRow(`why ${item.key}`, "reason", span,
    notice(item.state === "held" ? "bad" : "warn", STATE_LOOKS[item.state].sign, el("span", {}, whyNotNormal(item))));
  return table({ caption: t("nav.destinations"), kind: "stack dests", items, columns, after: why,
    keyOf: ({ key }) => key, rowClass: ({ state }) => (state === "normal" ? "" : "no-line") });
}

const none = () => el("span", { class: "muted" }, "—");

function basicColumns() {
  return [
    { name: "key", head: t("column.destination"), cell: ({ key }) => el("a", { class: "mono",
      href: href("tasks", {}, { destination: key }) }, visibleLine(key)) },
    { name: "state", head: t("column.state"), cell: ({ state }) => stateLabel(state) },
    { name: "waiting", head: t("column.waiting"), num: true, label: t("column.waiting"),
      cell: ({ waiting }) => number(waiting) },
    { name: "due", head: t("column.oldest_due"), num: true, label: t("column.oldest_due"), kind: "soft",
      cell: (item) => (overdueSince(item) ? time(overdueSince(item), "age") : none()) },
    { name: "flight", head: t("column.in_flight"), num: true, label: t("column.in_flight"), cell: gauge },
  ];
}

// Figures of the last hour, where the service keeps them.
function recentColumns() {
  return [
    { name: "delivered", head: t("column.delivered"), num: true, label: t("column.delivered"),
      cell: ({ recent }) => (recent ? number(recent.delivered) : none()) },
    { name: "p95", head: t("column.p95"), num: true, label: t("column.p95"), kind: "soft",
      cell: ({ recent }) => (recent?.p95_ms == null ? none() : duration(recent.p95_ms)) },
    { name: "bad", head: t("column.not_2xx"), num: true, label: t("column.not_2xx"),
      cell: ({ recent }) => (recent?.attempts ? badShare(recent.not_2xx / recent.attempts) : none()) },
  ];
}

function gauge({ in_flight: flying, window: open, limit }) {
  return el("span", { class: "gauge" }, `${number(flying)} / ${number(open ?? limit)}`,
    bar(flying / Math.max(open ?? limit, 1), "sending"));
}

function badShare(share) {
  return el("span", { class: share > 0.05 ? "is-failed" : "" }, percent(share));
}
