// The columns of the task list.
import { visibleLine } from "./bytes.js";
import { el, svg } from "./dom.js";
import { bytes } from "./format.js";
import { parts, t, word } from "./message.js";
import { now, time } from "./moment.js";
import { href } from "./router.js";
import { outcomeCode, outcomeWords, statusLabel } from "./status.js";

const OVERDUE = 10_000; // ms: what is late by less is "now"

export const OPTIONAL = ["source", "method", "labels", "order_key", "size", "updated"];

/**
 * Columns for `table`; items are tasks. `chosen` are names of optional ones; `holds` knows the destinations that are
 * held or paused ({state, until} by key).
 */
export function taskColumns(chosen = [], holds = new Map()) {
  return [
    { name: "status", head: t("column.status"), cell: ({ status }) => statusLabel(status) },
    { name: "id", head: t("column.task"), cell: idLink },
    { name: "to", head: t("column.event_recipient"), cell: recipient },
    { name: "tries", head: t("column.attempts"), cell: tries },
    { name: "result", head: t("column.last_result"), cell: lastResult },
    { name: "next", head: t("column.next_attempt"), label: t("column.next_attempt_label"),
      cell: (task) => nextAttempt(task, holds.get(task.destination)), none: isOver },
    ...OPTIONAL.filter((name) => chosen.includes(name)).map((name) => ({ name: "more", head: t(`fact.${name}`),
      label: t(`fact.${name}`), kind: "cut", cell: (task) => optional(name, task) })),
    { name: "age", head: t("column.age"), num: true, kind: "soft", sort: "ascending",
      cell: ({ created_at }) => time(created_at, "age") },
  ];
}

/** Attempts used of the present grant. */
export function used({ max_attempts, attempts_left }) {
  return Math.max(max_attempts - attempts_left, 0);
}

/** Host and path of a URL: what tells recipients apart. */
export function hostAndPath(url) {
  return visibleLine(url.replace(/^https?:\/\//, ""));
}

/** A bar of which `share` (0 to 1) is filled in the colour of a status. */
export function bar(share, status, kind) {
  const filled = { class: `f-${status}`, width: Math.min(Math.max(share, 0), 1) * 100, height: 10 };
  return svg("svg", { class: kind, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "f-track", width: 100, height: 10 }), svg("rect", filled));
}

function idLink({ id }) {
  return el("a", { class: "id", href: href("task", { id }), title: id }, el("i", {}, "…"), id.slice(-8));
}

function recipient({ id, event, method, http_method, url }) {
  const name = event === null ? method : visibleLine(event);
  const verb = method === http_method || event === null ? http_method : method;
  return el("a", { class: "two", href: href("task", { id }), title: visibleLine(url) },
    el("span", { class: "cut" }, el("b", { class: "soft" }, name)),
    el("small", { class: "cut" }, el("span", { class: "verb" }, verb), " ", hostAndPath(url)));
}

function tries(task) {
  const share = used(task) / task.max_attempts;
  const colour = { queued: "retrying", sending: "retrying" }[task.status] ?? task.status;
  const title = t("task.attempts_in_all", { count: task.attempts });
  return el("span", { class: "tries", title }, `${used(task)} / ${task.max_attempts}`, bar(share, colour));
}

function lastResult(task) {
  const { status, reason, last_code, last_error, attempts } = task;
  if (status === "sending") return el("span", { class: "muted" }, t("task.under_way"));
  if (!attempts) return el("span", { class: "muted" }, reason ? word("reason", reason) : t("task.no_attempts"));
  const outcome = { code: last_code, error: last_error };
  const words = status === "failed" && reason ? word("reason", reason) : outcomeWords(outcome);
  return el("span", { class: "row" }, outcomeCode(outcome), el("span", { class: "cut muted", title: words }, words));
}

function optional(name, task) {
  if (name === "size") return bytes(task.size);
  if (name === "updated") return time(task.updated_at, "ago");
  const labels = Object.entries(task.labels ?? {}).map(([label, value]) => `${label}=${value}`);
  const text = name === "labels" ? labels.join(" ") : task[name];
  return text ? el("span", { title: visibleLine(text) }, visibleLine(text)) : el("span", { class: "muted" }, "—");
}

function nextAttempt(task, hold) {
  if (task.gone) return el("span", { class: "muted" }, t("tasks.no_longer_matches"));
  if (isOver(task) || !task.next_attempt_at) return el("span", { class: "muted" }, "—");
  if (hold?.state === "paused") return t("task.paused");
  if (hold?.until > task.next_attempt_at) return parts("task.held_until", { time: time(hold.until, "nearby") });
  return isLate(task) ? t("task.overdue") : time(task.next_attempt_at, "coming");
}

/** Should a task have been sent by now? */
export function isLate({ next_attempt_at: at }) {
  return at !== null && now() - Date.parse(at) > OVERDUE;
}

function isOver({ status, gone }) {
  return !gone && !["queued", "retrying"].includes(status);
}
