// The figures of the overview: now, in the window, kept; and the checks of health.
import { el } from "./dom.js";
import { bytes, duration, number, percent } from "./format.js";
import { icon } from "./icon.js";
import { parts, t, word } from "./message.js";
import { now, time } from "./moment.js";
import { href } from "./router.js";
import { glyph } from "./status.js";
import { overdueSince } from "./steering.js";

const LATE = 60_000; // ms
const LEVELS = { ok: ["check", "delivered"], warn: ["warning", "retrying"], bad: ["failed", "failed"] };
const ENDED = ["delivered", "failed", "cancelled"];
const UNIT_WORDS = { ms: duration, s: (value) => duration(value * 1000), bytes, share: percent };

/** The card of figures; each opens the tasks it counts. */
export function figuresCard({ stats, statuses }) {
  const kept = Object.fromEntries(statuses.map(({ status, count }) => [status, count]));
  const rows = [
    el("div", { class: "figures" }, oldestDue(stats.now), waitingFigures(stats.now), ENDED.map((status) =>
      figure(glyph(status, "sm"), word("status", status), kept[status] ?? 0, t("figure.kept"), { status }))),
    stats.window && [
      el("div", { class: "scope-line" }, parts("figure.window", { from: time(stats.window.from, "nearby") })),
      el("div", { class: "figures" }, windowFigures(stats)),
    ],
  ];
  return el("section", { class: "card", "aria-label": t("figure.label") },
    el("div", { class: "scope-line" }, t("figure.now")), rows);
}

/** The card of health checks, or nothing. */
export function healthCard(checks) {
  if (!checks?.length) return null;
  const line = ({ key, level, value, unit }) => {
    const [sign, colour] = LEVELS[level] ?? LEVELS.warn;
    return el("div", {}, el("span", { class: `is-${colour}` }, icon(sign, "sm")), el("dt", {}, word("health", key)),
      el("dd", {}, el("span", { class: "hidden" }, t(`level.${level}`), " "), valueText(value, unit)));
  };
  return el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, t("overview.health")),
    el("div", { class: "end" }, el("a", { href: href("parameters") }, t("nav.parameters")))),
  el("dl", { class: "health" }, checks.map(line)));
}

function oldestDue(figures) {
  const due = overdueSince(figures);
  const late = due ? now() - Date.parse(due) : 0;
  const value = due ? time(due, "age") : t("figure.none_due");
  const note = due ? parts("figure.was_due", { time: time(due, "nearby") }) : t("figure.nothing_due");
  return figure(el("span", { class: late > LATE ? "is-failed" : "muted" }, icon("clock", "sm")), t("figure.oldest_due"),
    value, note, { group: "in_progress" }, late > LATE);
}

function waitingFigures({ queued, sending, retrying, senders, next_due_at: next }) {
  const coming = next ? parts("figure.next", { time: time(next, "coming") }) : t("figure.no_next");
  const line = (status, value, note) => figure(glyph(status, "sm"), word("status", status), value, note, { status });
  return [
    line("queued", queued, t("figure.not_tried")),
    line("sending", sending, senders ? t("figure.of_senders", { count: senders }) : ""),
    line("retrying", retrying, coming),
  ];
}

function windowFigures({ window: span, previous }) {
  const created = { created_from: span.from };
  const before = (name) => (previous ? t("figure.before", { count: previous[name] ?? 0 }) : "");
  const line = (status) => figure(glyph(status, "sm"), word("status", status), span[status], before(status),
    { status, finished_from: span.from });
  return [
    figure(el("span", { class: "muted" }, icon("inbox", "sm")), t("figure.accepted"), span.accepted, before("accepted"),
      created),
    ENDED.map(line),
    span.first_attempt_share != null && figure(el("span", { class: "muted" }, icon("next", "sm")),
      t("figure.at_once"), percent(span.first_attempt_share), t("figure.at_once_note"), null),
  ];
}

function figure(sign, name, value, note, query, bad = false) {
  const shown = typeof value === "number" ? number(value) : value;
  const content = [el("span", { class: "name" }, sign, el("span", { class: "cut" }, name)),
    el("span", { class: "value" }, shown), el("span", { class: "note" }, note)];
  const look = { class: bad ? "figure bad" : "figure" };
  return query ? el("a", { ...look, href: href("tasks", {}, query) }, content) : el("div", look, content);
}

function valueText(value, unit) {
  if (value === null || value === undefined) return "—";
  if (typeof value !== "number") return String(value);
  return UNIT_WORDS[unit] ? UNIT_WORDS[unit](value) : number(value);
}
