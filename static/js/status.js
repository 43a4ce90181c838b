// Statuses, groups and outcomes as people see them: icon, text and colour together, never colour alone.
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { t, word } from "./message.js";
import { phrase } from "./phrases.js";

export const STATUSES = ["queued", "sending", "retrying", "delivered", "failed", "cancelled"];
export const GROUPS = ["in_progress", "delivered", "failed", "cancelled"];
const WAITING = ["queued", "sending", "retrying"];

/** The group that a status belongs to. */
export function groupOf(status) {
  return WAITING.includes(status) ? "in_progress" : status;
}

/** The statuses of a group. */
export function statusesOf(group) {
  return STATUSES.filter((status) => groupOf(status) === group);
}

/** The icon of a status or group, in its colour. */
export function glyph(name, size) {
  const shown = name === "in_progress" ? "retrying" : name;
  return el("span", { class: `is-${shown}` }, icon(shown, size));
}

/** Icon and word of a status. */
export function statusLabel(status) {
  return el("span", { class: `status is-${status}` }, icon(status), word("status", status));
}

/** The same as a badge, with the reason of a failure. */
export function statusBadge({ status, reason }) {
  const text = reason ? t("task.failed_because", { reason: word("reason", reason) }) : word("status", status);
  return el("span", { class: `badge is-${status}` }, icon(status, "sm"), text);
}

/** The code or class of an outcome: 503, timeout. */
export function outcomeCode({ code, error }) {
  const ok = code >= 200 && code < 300;
  return el("span", { class: `code is-${ok ? "delivered" : "failed"}` }, String(code ?? error ?? ""));
}

/** An outcome in words: the phrase of its code, what its class of failure means, the rule that forbade it. */
export function outcomeWords({ code, error, rule }) {
  if (code !== null && code !== undefined) return phrase(code);
  return rule ? t("error_class.blocked_by", { rule: visibleLine(rule) }) : word("error_class", error);
}
