// The overview: the verdict, figures of now and of a window, charts, problems, health.
import { get } from "../api.js";
import { block } from "../block.js";
import { chartCard, createReading } from "../chartcard.js";
import { charts } from "../charts.js";
import { el, patch } from "../dom.js";
import { figuresCard } from "../figures.js";
import { keptCount } from "../frame.js";
import { isOld, oldMark } from "../freshness.js";
import { healthList } from "../health.js";
import { bring } from "../late.js";
import { t } from "../message.js";
import { now } from "../moment.js";
import { keyOfProblem, problemRows } from "../problems.js";
import { reasonsNotReady } from "../readiness.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { steadyRows } from "../steady.js";
import { judge } from "../verdict.js";
import { verdictCard } from "../verdictcard.js";

const WINDOWS = ["15m", "1h", "6h", "24h"];
const USUAL = "1h";
const ASKED = 200; // problems
const TICK = 1000; // ms

export function make({ query, signal, go, live }) {
  const element = el("div", { class: "screen" });
  let asked = read(query);
  const figures = resource(async () => {
    const { window } = asked;
    const [session, stats, kept] = await Promise.all([get("/session", { signal }),
      get("/stats", { signal, query: { window } }), keptCount()]);
    session.reasons = session.ready ? [] : await reasonsNotReady(signal);
    const first = kept === 0 ? await bring(() => import("../firstrun.js")) : null;
    return { window, session, stats, kept, first };
  }, draw);
  const problems = resource(() => get("/problems", { signal, query: { limit: ASKED } }), draw);
  const reading = createReading(draw);
  const order = steadyRows(element, ".problems");
  const ticker = setInterval(grow, TICK);

  // What is due gets older, and so does what could not be refreshed.
  function grow() {
    if (!document.hidden && figures.data !== null) draw();
  }

  function draw() {
    const waits = problems.data === null && !problems.error; // the verdict needs both
    patch(element, el("div", { class: "narrow-only" }, windows()),
      block(waits ? { ...figures, data: null } : figures, content, 12));
  }

  function content(known) {
    const old = () => oldMark(figures, live);
    const stale = isOld(figures, live) || isOld(problems, live);
    const items = problems.data?.items ?? null;
    const verdict = judge({ ...known, problems: items, stale, now: now() });
    const health = healthCard(known, old());
    if (known.kept === 0) {
      return [verdictCard(verdict, old()), el("section", { class: "card" }, known.first?.firstRun()), health];
    }
    return [
      verdictCard(verdict, old()),
      figuresCard(known, old()),
      el("div", { class: "grid-charts" }, charts(known.stats, beginning(items)).map((chart) => chartCard(chart, {
        reading, asTable: asked.tables.includes(chart.key), toggle: () => toggle(chart.key), old: old() }))),
      el("div", { class: "grid-wide" }, problemsCard(), health),
    ];
  }

  function problemsCard() {
    return el("section", { class: "card" },
      el("div", { class: "card-head" }, el("h2", {}, t("problem.title")),
        el("span", { class: "scope wide-only" }, t("problem.scope")), oldMark(problems, live)),
      block(problems, ({ items, more }) => problemRows({ items: order(items, keyOfProblem), more }, {
        all: asked.all, done: live.now, other: link({ all: !asked.all }) }), 5));
  }

  function windows() {
    return el("nav", { class: "segments", "aria-label": t("overview.window") }, WINDOWS.map((window) =>
      el("a", { href: link({ window }), "aria-current": window === asked.window ? "true" : null },
        t(`window.${window}`))));
  }

  function toggle(key) {
    const others = asked.tables.filter((each) => each !== key);
    const tables = others.length < asked.tables.length ? others : [...others, key];
    go(link({ tables }), { replace: true });
  }

  const link = (change) => href("overview", {}, write({ ...asked, ...change }));

  return {
    element,
    title: () => t("nav.overview"),
    extra: () => el("div", { class: "wide-only" }, windows()),
    load: async () => (await Promise.all([figures.load(), problems.load()])).every(Boolean),
    moved: (next) => {
      const before = asked;
      asked = read(next);
      draw();
      return before.window !== asked.window;
    },
    leave: () => clearInterval(ticker),
  };
}

function healthCard({ stats }, old) {
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("h2", {}, t("overview.health")), old,
      el("div", { class: "end" }, el("a", { href: href("system") }, t("nav.system")))),
    healthList(stats.health));
}

function read(query) {
  const window = query.get("window");
  return { window: WINDOWS.includes(window) ? window : USUAL, all: query.get("problems") === "all",
    tables: (query.get("table") ?? "").split(",").filter(Boolean) };
}

function write({ window, all, tables }) {
  return { ...(window !== USUAL && { window }), ...(all && { problems: "all" }),
    ...(tables.length && { table: tables.join(",") }) };
}

// Since when most tasks are in trouble, in ms; null if none is.
function beginning(items) {
  const at = items?.find(({ waiting, first_at: first }) => waiting && first)?.first_at;
  return at ? Date.parse(at) : null;
}
