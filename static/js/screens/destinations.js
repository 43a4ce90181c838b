// The list of destinations: who is in trouble, why, until when, how much waits there, and what can be done about it.
import { get } from "../api.js";
import { block, empty } from "../block.js";
import { destinationTable } from "../desttable.js";
import { el, patch } from "../dom.js";
import { number } from "../format.js";
import { oldMark } from "../freshness.js";
import { icon } from "../icon.js";
import { t } from "../message.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { searchBox } from "../searchbox.js";
import { steadyRows } from "../steady.js";
import { STATE_LOOKS, STATES } from "../steering.js";

const MOST = 200;
const TROUBLE = STATES.filter((state) => state !== "normal").join(",");

export function make({ query, signal, go, live }) {
  const element = el("div", { class: "screen" });
  const order = steadyRows(element, ".dests");
  let asked = read(query);
  const destinations = resource(() => ask(asked.q.trim().toLowerCase()), draw);
  const problems = resource(() => get("/problems", { signal, query: { limit: MOST } }), draw);

  // Those in trouble are asked for apart: however many there are, none of them is beyond the end of a page.
  async function ask(q) {
    const page = (more) => get("/destinations", { signal, query: { limit: MOST, ...(q && { q }), ...more } });
    const [troubled, first] = await Promise.all([page({ state: TROUBLE }), page({})]);
    const items = new Map([...first.items, ...troubled.items].map((item) => [item.key, item]));
    return { items: [...items.values()], more: Boolean(first.next || troubled.next) };
  }

  function draw() {
    patch(element, block(destinations, content, 8));
  }

  function content({ items, more }) {
    const matching = items.filter(({ key }) => key.includes(asked.q.trim().toLowerCase()));
    const wanted = matching.filter(({ state }) => !asked.state || state === asked.state).sort(byTrouble);
    const shown = order(wanted, ({ key }) => key);
    const place = { draw, done, failed: failedOf(problems.data?.items ?? []) };
    return [
      el("div", { class: "tabs-row" }, el("nav", { class: "tabs", "aria-label": t("destinations.states") },
        tab("", matching, more), STATES.map((state) => tab(state, matching, more && state === "normal")))),
      el("div", { class: "toolbar" }, searchBox(t("destinations.search"), asked.q, search),
        el("span", { class: "muted wide-only" }, t("destinations.order")), oldMark(destinations, live)),
      el("section", { class: "card", "aria-label": t("nav.destinations") },
        shown.length ? destinationTable(shown, place) : nothing(items.length), foot(shown.length, more)),
    ];
  }

  function tab(state, items, more) {
    const count = items.filter((item) => !state || item.state === state).length;
    const look = STATE_LOOKS[state];
    return el("a", { href: href("destinations", {}, write({ ...asked, state })),
      "aria-current": asked.state === state ? "page" : null },
    look && el("span", { class: look.colour }, icon(look.sign, "sm")),
    t(state ? `state.${state}` : "groups.all"),
    el("span", { class: "count" }, more ? t("tasks.at_least", { count }) : number(count)));
  }

  function search(q) {
    go(href("destinations", {}, write({ ...asked, q })), { replace: true });
  }

  async function done(after) {
    const { items, more } = destinations.data;
    destinations.data = { items: items.map((item) => (item.key === after?.key ? { ...item, ...after } : item)), more };
    draw();
    await live.now();
  }

  function foot(count, more) {
    const shown = t(more ? "destinations.foot_first" : "destinations.foot", { count });
    return el("div", { class: "card-foot" }, el("span", {}, shown, " ", t("destinations.nothing_lost")));
  }

  function nothing(known) {
    return known || asked.q ? empty("search", t("destinations.no_match"), null)
      : empty("destinations", t("destinations.none_yet"), t("destinations.none_yet_text"));
  }

  return {
    element,
    title: () => t("nav.destinations"),
    load: async () => (await Promise.all([destinations.load(), problems.load()])).every(Boolean),
    moved: (next) => {
      const before = asked;
      asked = read(next);
      draw();
      return asked.q !== before.q && Boolean(destinations.data?.more);
    },
  };
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

// How many tasks have failed, by destination.
function failedOf(items) {
  const failed = new Map();
  for (const { destination, failed: count } of items) failed.set(destination, (failed.get(destination) ?? 0) + count);
  return failed;
}
