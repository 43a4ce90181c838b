// The head of a task: what it is, where it stands, where it goes, how often it was tried, when it is tried next.
import { visibleLine } from "./bytes.js";
import { used } from "./columns.js";
import { el } from "./dom.js";
import { parts } from "./message.js";
import { time } from "./moment.js";
import { outcomeCode, statusBadge } from "./status.js";

/** The head; `last` is its last attempt, `explanation` that of the service, if they are known; `bar` its buttons. */
export function taskHead(task, last, explanation, bar) {
  const { event, method, http_method: verb, url, last_code: code, last_error: error, sending_since: sending } = task;
  const outcome = (code ?? error) !== null && outcomeCode({ code, error });
  const said = { used: used(task), count: task.max_attempts, outcome, time: last ? time(last.finished_at, "ago") : "" };
  const next = nextAttempt(task, explanation);
  return el("header", { class: "task-head", key: "head" },
    el("div", { class: "grow" },
      el("div", { class: "title" }, event === null ? method : visibleLine(event), statusBadge(task)),
      el("div", { class: "sub" },
        el("span", { class: "mono" }, el("b", {}, verb), " ", visibleLine(url)),
        el("span", {}, parts(outcome ? "task.tried_last" : "task.tried", said)),
        sending && timed("task.sending_since", sending, "age"),
        next && timed("task.next", next, "countdown"))),
    bar);
}

// When it may be sent at the earliest: a hold counts; who waits for others or for somebody has no such time.
function nextAttempt({ next_attempt_at: due, group }, explanation) {
  if (group !== "in_progress" || !explanation) return due;
  return explanation.next.find(({ code }) => code === "attempt")?.at;
}

function timed(message, stamp, form) {
  return el("span", {}, parts(message, { time: time(stamp, form) }));
}
