// The overview: the verdict, figures of now and of the window, destinations in trouble, health.
import { address, get } from "../api.js";
import { block } from "../block.js";
import { visibleLine } from "../bytes.js";
import { copy } from "../clipboard.js";
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
import { toast } from "../toast.js";
import { judge } from "../verdict.js";

const MOST = 10;
const EXAMPLE = '{"url": "https://recipient.example/hooks", "event": "user.created", "payload": {"id": 1}}';

export function make({ signal, live }) {
  const element = el("div", { class: "screen" });
  const loaded = resource(async () => {
    const ask = (path, query) => get(path, { signal, query });
    const [session, stats, statuses, { items: destinations }] = await Promise.all([ask("/session"), ask("/stats"),
      ask("/statuses"), ask("/destinations", { limit: 200 })]);
    return { session, stats, statuses: statuses.items, destinations };
  }, draw);

  function draw() {
    patch(element, block(loaded, content, 8));
  }

  function content(known) {
    const troubled = known.destinations.filter(({ state }) => state !== "normal");
    const kept = known.statuses.reduce((sum, { count }) => sum + count, 0);
    return [
      verdictCard(known),
      kept === 0 && firstRun(),
      figuresCard(known),
      el("div", { class: known.stats.health?.length ? "grid-main" : "main-col" }, troubleCard(troubled),
        healthCard(known.stats.health)),
    ];
  }

  function verdictCard(known) {
    const { kind, tone, params } = judge({ ...known, stale: live.stale, now: now() });
    const said = { ...params, ...(params.age && { age: age(params.age) }), ...(params.key && { key: word("health",
      params.key) }) };
    const signs = { failed: "warning", retrying: "clock", delivered: "check" };
    const link = (name, query = {}) => el("a", { class: "btn", href: href(name, {}, query) }, t(`nav.${name}`));
    const destinations = ["held", "slowed"].includes(kind);
    return el("section", { class: "card verdict", "aria-label": t("verdict.label") },
      el("span", { class: `verdict-icon is-${tone}` }, icon(signs[tone])),
      el("div", { class: "grow" }, el("b", {}, t(`verdict.${kind}`, said)), el("p", {}, t(`verdict.${kind}_text`, said))),
      el("div", { class: "end" }, destinations ? link("destinations") : link("tasks")));
  }

  return { element, title: () => t("nav.overview"), load: loaded.load };
}

function troubleCard(items) {
  const columns = [
    { name: "wide", head: t("column.destination"), kind: "wrap", cell: whereAndWhy },
    { name: "state", head: t("column.state"), cell: ({ state }) => stateLabel(state) },
    { name: "waiting", head: t("column.waiting"), num: true, label: t("column.waiting"), cell: ({ waiting }) => number(waiting) },
    { name: "due", head: t("column.oldest_due"), num: true, kind: "soft", label: t("column.oldest_due"),
      cell: (item) => (overdueSince(item) ? time(overdueSince(item), "age") : "—") },
  ];
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("h2", {}, t("overview.trouble")), el("span", { class: "scope" },
      t("overview.trouble_scope", { count: items.length })),
    el("div", { class: "end" }, el("a", { href: href("destinations") }, t("overview.all_destinations")))),
    items.length
      ? table({ caption: t("overview.trouble"), kind: "stack refs", items: items.slice(0, MOST), columns,
        keyOf: ({ key }) => key })
      : el("p", { class: "card-body soft" }, t("overview.no_trouble")));
}

function whereAndWhy(item) {
  const link = el("a", { class: "mono", href: href("tasks", {}, { destination: item.key }) }, visibleLine(item.key));
  return el("span", { class: "two" }, link, el("small", {}, whyNotNormal(item)));
}

function firstRun() {
  const command = curlPost(new URL(address("/tasks"), location.href).href, EXAMPLE);
  const press = async () => toast(t((await copy(command)) ? "copy.done" : "copy.failed"));
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("h2", {}, t("overview.first_run")), el("div", { class: "end" },
      el("button", { class: "btn btn-sm", type: "button", on: { click: press } }, icon("copy", "sm"), t("copy.button")),
      el("a", { class: "btn btn-sm btn-primary", href: href("composer") }, icon("plus", "sm"), t("nav.new_task")))),
    el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0" }, command));
}
