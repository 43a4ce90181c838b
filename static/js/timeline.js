// The course of a delivery as a list of steps: what happened, and what is to come at the earliest.

const RANKS = ["accepted", "attempt", "sending", "action", "end", "coming"];
const MOST = 14;
const FIRST = 5;
const LAST = 8;

/**
 * Steps in the order of time: {key, kind, at, gap}, with `attempt`, `number`, `past` or `task` by their kinds accepted,
 * attempt, sending, action, end, coming. `at` is RFC 3339, `gap` the milliseconds since the step before ended (null
 * for the first). `schedule` are the attempts left, as the service says.
 */
export function stepsOf(task, attempts = [], schedule = []) {
  const { created_at: created, finished_at: finished, sending_since: sending, history } = task;
  const left = sending ? schedule.slice(1) : schedule; // the first of them is under way
  const steps = [
    { key: "accepted", kind: "accepted", at: created },
    ...attempts.map((attempt) => ({ key: `attempt ${attempt.number}`, kind: "attempt", at: attempt.started_at,
      until: attempt.finished_at, attempt })),
    ...(sending ? [{ key: "sending", kind: "sending", at: sending }] : []),
    ...(history ?? []).map((past, index) => ({ key: `action ${index}`, kind: "action", at: past.at, past })),
    ...(finished ? [{ key: "end", kind: "end", at: finished, task }] : []),
    ...left.map(({ attempt, earliest }) => ({ key: `coming ${attempt}`, kind: "coming", at: earliest,
      number: attempt })),
  ];
  steps.sort((one, other) => Date.parse(one.at) - Date.parse(other.at)
    || RANKS.indexOf(one.kind) - RANKS.indexOf(other.kind));
  return steps.map((step, index) => ({ ...step, gap: gapBefore(step, steps[index - 1]) }));
}

/** The steps of a long course with its middle folded into one, {kind: "fold", count}. */
export function folded(steps) {
  if (steps.length <= MOST) return steps;
  const middle = { key: "fold", kind: "fold", count: steps.length - FIRST - LAST, gap: null };
  return [...steps.slice(0, FIRST), middle, ...steps.slice(-LAST)];
}

/** Milliseconds from acceptance to the end of the last attempt; null if there was none. */
export function span(steps) {
  const last = steps.findLast(({ kind }) => kind === "attempt");
  return last ? Date.parse(last.until ?? last.at) - Date.parse(steps[0].at) : null;
}

function gapBefore({ at }, before) {
  return before ? Math.max(Date.parse(at) - Date.parse(before.until ?? before.at), 0) : null;
}
