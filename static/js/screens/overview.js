// The overview: the verdict, figures of now and of the window, destinations in trouble, health.
import { address, get } from "../api.js";
import { block } from "../block.js";
import { visibleLine } from "../bytes.js";
import { copyButton } from "../clipboard.js";
import { curlPost } from "../curl.js";
import { el, patch } from "../dom.js";
import { age, number } from "../format.js";
import { figuresCard, healthCard } from "../figures.js";
import { icon } from "../icon.js";
import { t, word } from "../message.js";
import { now, time } from "../moment.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { overdueSince, stateLabel, whyNotNormal } from "../steering.js";
import { table } from "../table.js";
import { judge } from "../verdict.js";

const ASKED = 200;
const MOST = 10; // shown
const EXAMPLE = '{"url": "https://recipient.example/hooks", "event": "user.created", "payload": {"id": 1}}';

export function make({ signal, live }) {
  const element = el("div", { class: "screen" });
  const figures = resource(async () => {
    const ask = (path) => get(path, { signal });
    const [session, stats, statuses] = await Promise.all([ask("/session"), ask("/stats"), ask("/statuses")]);
    return { session, stats, statuses: statuses.items };
  }, draw);
  const destinations = resource(() => get("/destinations", { signal, query: { limit: ASKED } }), draw);

  function draw() {
    const waits = destinations.data === null && !destinations.error; // the verdict needs both
    patch(element, block(waits ? { ...figures, data: null } : figures, content, 8));
  }

  function content(known) {
    const kept = known.statuses.reduce((sum, { count }) => sum + count, 0);
    const checks = known.stats.health;
    return [
      verdictCard({ ...known, destinations: destinations.data?.items ?? [] }),
      kept === 0 && firstRun(),
      figuresCard(known),
      el("div", { class: checks?.length ? "grid-main" : "main-col" }, el("section", { class: "card" },
        block(destinations, troubles, 3)), healthCard(checks)),
    ];
  }

  function verdictCard(known) {
    const stale = live.stale || destinations.error !== null;
    const { kind, tone, params } = judge({ ...known, stale, now: now() });
    const said = { ...params, ...(params.age && { age: age(params.age) }), ...(params.key && { key: word("health",
      params.key) }) };
    const signs = { failed: "warning", retrying: "clock", delivered: "check" };
    const link = (name, query = {}) => el("a", { class: "btn", href: href(name, {}, query) }, t(`nav.${name}`));
    const ofDestinations = ["held", "slowed"].includes(kind);
    return el("section", { class: "card verdict", "aria-label": t("verdict.label") },
      el("span", { class: `verdict-icon is-${tone}` }, icon(signs[tone])),
      el("div", { class: "grow" }, el("b", {}, t(`verdict.${kind}`, said)),
        el("p", {}, t(`verdict.${kind}_text`, said))),
      el("div", { class: "end" }, ofDestinations ? link("destinations") : link("tasks")));
  }

  return {
    element,
    title: () => t("nav.overview"),
    load: async () => (await Promise.all([figures.load(), destinations.load()])).every(Boolean),
  };
}

function troubles({ items: all }) {
  const items = all.filter(({ state }) => state !== "normal");
  const columns = [
    { name: "wide", head: t("column.destination"), kind: "wrap", cell: whereAndWhy },
    { name: "state", head: t("column.state"), cell: ({ state }) => stateLabel(state) },
    { name: "waiting", head: t("column.waiting"), num: true, label: t("column.waiting"),
      cell: ({ waiting }) => number(waiting) },
    { name: "due", head: t("column.oldest_due"), num: true, kind: "soft", label: t("column.oldest_due"),
      cell: (item) => (overdueSince(item) ? time(overdueSince(item), "age") : "—") },
  ];
  return [
    el("div", { class: "card-head" }, el("h2", {}, t("overview.trouble")), el("span", { class: "scope" },
      t("overview.trouble_scope", { count: items.length })),
    el("div", { class: "end" }, el("a", { href: href("destinations") }, t("overview.all_destinations")))),
    items.length
      ? table({ caption: t("overview.trouble"), kind: "stack refs", items: items.slice(0, MOST), columns,
        keyOf: ({ key }) => key })
      : el("p", { class: "card-body soft" }, t("overview.no_trouble")),
  ];
}

function whereAndWhy(item) {
  const link = el("a", { class: "mono", href: href("tasks", {}, { destination: item.key }) }, visibleLine(item.key));
  return el("span", { class: "two" }, link, el("small", {}, whyNotNormal(item)));
}

function firstRun() {
  const command = curlPost(new URL(address("/tasks"), location.href).href, EXAMPLE);
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("h2", {}, t("overview.first_run")), el("div", { class: "end" },
      copyButton(command),
      el("a", { class: "btn btn-sm btn-primary", href: href("composer") }, icon("plus", "sm"), t("nav.new_task")))),
    el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0" }, command));
}
