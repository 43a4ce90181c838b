// The system: which service this is, where it keeps what, how its parts are, what operators changed.
import { get, outside } from "../api.js";
import { auditTable } from "../audit.js";
import { block, empty } from "../block.js";
import { visibleLine } from "../bytes.js";
import { el, patch } from "../dom.js";
import { number } from "../format.js";
import { keptCount } from "../frame.js";
import { oldMark } from "../freshness.js";
import { healthAdvice } from "../health.js";
import { icon } from "../icon.js";
import { language, t } from "../message.js";
import { time } from "../moment.js";
import { paced } from "../paced.js";
import { reasonsNotReady, reasonWords } from "../readiness.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { uptime } from "../session.js";

const PAGE = 25;
const AGAIN = 10_000; // ms between two times that events make it ask
const PLACES = ["storage.path", "storage.min_free", "storage.max_backlog", "storage.journal_keep",
  "storage.journal_keep_size", "storage.chunk_size", "retention.max_size", "retention.delivered", "retention.failed",
  "retention.audit"];
const OUTSIDE = ["/openapi.json", "/readyz", "/metrics"];

export function make({ query, signal, live }) {
  const element = el("div", { class: "screen" });
  let cursor = query.get("cursor");
  const about = resource(async () => {
    const [session, stats, kept] = await Promise.all([get("/session", { signal }), get("/stats", { signal }),
      keptCount()]);
    session.reasons = session.ready ? [] : await reasonsNotReady(signal);
    return { session, stats, kept };
  }, draw);
  const settings = resource(() => get("/parameters", { signal }), draw);
  const log = resource(async () => {
    const asked = cursor;
    const page = await get("/audit", { signal, query: { limit: PAGE, ...(asked && { cursor: asked }) } });
    return { ...page, asked };
  }, draw);
  const again = paced(() => live.paused || Promise.all([about.load(), log.load()]), AGAIN);

  function draw() {
    patch(element, el("div", { class: "grid-main" },
      el("div", { class: "main-col" },
        card(t("overview.health"), oldMark(about, live), block(about, ({ stats }) => healthAdvice(stats.health), 9)),
        card(t("audit.title"), oldMark(log, live), block(log, entries, 6))),
      el("div", { class: "main-col" },
        card(t("system.service"), oldMark(about, live), block(about, service, 8)),
        card(t("system.storage"), el("div", { class: "end" },
          el("a", { href: href("parameters") }, t("nav.parameters"))), block(settings, storage, 8)),
        card(t("system.api"), null, el("dl", { class: "facts" }, OUTSIDE.map(described))))));
  }

  function entries({ items, next, asked }) {
    const newest = el("a", { class: "btn btn-sm", href: href("system") }, icon("left", "sm"), t("tasks.to_newest"));
    if (!items.length && asked) return empty("inbox", t("tasks.end"), null, newest);
    if (!items.length) return empty("inbox", t("audit.none"), t("audit.none_text"));
    return [
      auditTable(items),
      (asked || next) && el("div", { class: "card-foot" }, asked && newest,
        next && el("a", { class: "btn btn-sm", href: href("system", {}, { cursor: next }) }, t("tasks.older"),
          icon("right", "sm"))),
    ];
  }

  return {
    element,
    title: () => t("nav.system"),
    load: async () => (await Promise.all([about, settings, log].map(({ load }) => load()))).every(Boolean),
    told: (name) => {
      if (name === "stats") again.ask();
      return true;
    },
    leave: again.stop,
    moved: (next) => {
      const before = cursor;
      cursor = next.get("cursor");
      return before !== cursor;
    },
  };
}

function service({ session, stats, kept }) {
  const { now } = stats;
  return el("dl", { class: "facts" },
    fact(t("system.state"), el("span", { class: `status is-${session.ready ? "delivered" : "failed"}` },
      icon(session.ready ? "check" : "failed", "sm"), t(session.ready ? "system.ready" : "system.not_ready"))),
    session.reasons.length > 0 && fact(t("system.why"), reasonWords(session.reasons)),
    fact(t("system.version"), session.version),
    fact(t("system.instance"), el("span", { class: "mono" }, visibleLine(session.instance))),
    fact(t("system.started"), [time(session.started_at, "moment"), " · ", uptime(session)]),
    fact(t("system.clock"), time(session.now, "moment")),
    fact(t("system.access"), t(`system.auth_${session.auth}`)),
    fact(t("system.senders"), number(now.senders)),
    fact(t("system.kept"), number(kept)));
}

function storage({ items }) {
  const known = new Map(items.map((item) => [item.name, item]));
  return el("dl", { class: "facts places" }, PLACES.filter((name) => known.has(name)).map((name) => {
    const { display, description } = known.get(name);
    return fact(el("span", { class: "mono", title: description[language()] }, name), el("span", { class: "mono" },
      visibleLine(display)));
  }));
}

function fact(term, description) {
  return el("div", {}, el("dt", {}, term), el("dd", {}, description));
}

function card(title, beside, ...content) {
  return el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, title), beside), content);
}

function described(path) {
  const name = path.slice(1).split(".")[0];
  return fact(t(`system.of_${name}`), el("a", { class: "mono", href: outside(path), target: "_blank", rel: "noopener" },
    path));
}
