// The figures of the overview: of now, and of the window. Each opens the tasks it counts.
import { rate } from "./charts.js";
import { el } from "./dom.js";
import { amounts, compact, minute, number, percent } from "./format.js";
import { icon } from "./icon.js";
import { parts, t, word } from "./message.js";
import { now, time } from "./moment.js";
import { href } from "./router.js";
import { glyph } from "./status.js";
import { overdueSince } from "./steering.js";

const LATE = 60_000; // ms
const SECOND = 1000;
const WAITING = { group: "in_progress" };

/** The card; `window` is the name of the one that the figures are of, `old` the mark of old data. */
export function figuresCard({ stats, window }, old) {
  const { window: span, as_of: at } = stats;
  const scope = t(`figure.of_${window}`, { from: minute(Date.parse(span.from)), to: minute(Date.parse(at)) });
  return el("section", { class: "card figure-groups", "aria-label": t("figure.label") },
    el("div", {}, el("div", { class: "scope-line" }, t("figure.now"), old), el("div", { class: "figures of-now" },
      oldestDue(stats.now, at), waitingFigures(stats.now))),
    el("div", {}, el("div", { class: "scope-line" }, scope), el("div", { class: "figures" }, windowFigures(stats))));
}

function oldestDue(figures, at) {
  const due = overdueSince(figures);
  const ms = due ? now() - Date.parse(due) : 0;
  const late = ms > LATE;
  const small = (text) => el("small", {}, text);
  const pieces = amounts(Math.max(Math.ceil(ms / SECOND), 1) * SECOND).map(({ unit, value }) => [
    parts(`unit.${unit}`, { value }).map((piece, index) => (index % 2 ? piece : small(piece))), small(" ")]);
  return figure({
    sign: el("span", { class: late ? "is-failed" : "muted" }, icon("clock", "sm")), name: t("figure.oldest_due"),
    bad: late,
    value: due ? el("time", { datetime: due }, pieces) : t("figure.none_due"),
    note: due ? parts("figure.was_due", { time: time(due, "when") }) : t("figure.nothing_due"),
    query: { ...WAITING, due_before: at, order: "oldest" },
  });
}

function waitingFigures({ queued, sending, retrying, senders, next_due_at: next }) {
  const notes = {
    queued: t("figure.not_tried"),
    sending: t("figure.of_senders", { count: senders }),
    retrying: next && retrying ? parts("figure.next", { time: time(next, "coming") }) : t("figure.no_next"),
  };
  return Object.entries({ queued, sending, retrying }).map(([status, value]) => figure({ sign: glyph(status, "sm"),
    name: word("status", status), value, note: notes[status], query: { status } }));
}

function windowFigures({ window: span, previous, as_of: at }) {
  const minutes = Math.max((Date.parse(at) - Date.parse(span.from)) / 60_000, 1);
  const before = (status) => t("figure.before", { count: previous[status] });
  const share = span.first_attempt_share;
  const ended = { delivered: share === null ? before("delivered") : t("figure.at_once", { share: percent(share) }),
    failed: before("failed"), cancelled: before("cancelled") };
  return [
    figure({ sign: el("span", { class: "muted" }, icon("inbox", "sm")), name: t("figure.accepted"),
      value: span.accepted, note: t("figure.a_minute", { rate: rate(span.accepted / minutes) }),
      query: { created_from: span.from } }),
    ...Object.entries(ended).map(([status, note]) => figure({ sign: glyph(status, "sm"), name: word("status", status),
      value: span[status], note, query: { status, finished_from: span.from } })),
  ];
}

function figure({ sign, name, value, note, query, bad = false }) {
  return el("a", { class: bad ? "figure bad" : "figure", href: href("tasks", {}, query) },
    el("span", { class: "name" }, sign, el("span", { class: "cut" }, name)),
    typeof value === "number" ? el("span", { class: "value", title: number(value) }, compact(value))
      : el("span", { class: "value" }, value),
    el("span", { class: "note" }, note));
}
