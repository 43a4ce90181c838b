// The first line of the overview: what is broken, or that nothing is. Pure, of what the API said.

const LATE = 60_000; // ms: a task due for longer is worth a word
const LASTING = 5 * 60_000; // ms: what fails for longer is no hiccup that the next attempt mends
const RECENT = 60 * 60_000; // ms: what failed before is history
const STORAGE = ["journal_damage", "journal_gaps", "journal_sync_p99", "disk_free", "disk_days_left"]; // named first
const OF_RECIPIENTS = ["destinations_held"]; // said by the problems

/**
 * The worst that is known: {kind, tone, params, problems}. Order: not ready > a part of the service is bad > held >
 * failing > paused > tasks long due > a part wants attention > all is well, which is never said of stale data.
 * `problems` are the items of /problems, most tasks first, or null: not known. `now` in ms; `session.reasons` says why
 * it is not ready.
 */
export function judge({ session, stats, problems, stale, now }) {
  const parts = bySeverity(stats.health);
  const bad = parts.find(({ level }) => level === "bad");
  if (session.ready === false) {
    const { reasons } = session;
    return verdict("not_ready", "failed", reasons.length ? { reasons } : bad ? { key: bad.key } : {});
  }
  if (bad) return verdict("inside", "failed", { key: bad.key });
  const known = problems ?? [];
  const held = known.filter(({ state }) => state === "held");
  const heldNow = stats.health.find(({ key }) => key === "destinations_held")?.value ?? 0;
  if (held.length || heldNow) {
    return verdict("held", "failed", { ...told(held), count: Math.max(places(held), heldNow) }, held);
  }
  const failing = known.filter((problem) => isFailing(problem, now));
  if (failing.length) {
    const { waiting, failed } = told(failing);
    const kind = waiting ? "failing" : "failed";
    const count = waiting ? places(failing) : failed;
    return verdict(kind, failed ? "failed" : "retrying", { count, waiting }, failing);
  }
  const paused = known.filter(({ state }) => state === "paused");
  if (paused.length) return verdict("paused", "retrying", { ...told(paused), count: places(paused) });
  const due = stats.now.oldest_due_at ? now - Date.parse(stats.now.oldest_due_at) : 0;
  if (due > LATE) return verdict("due", "retrying", { age: due });
  const weak = parts.find(({ level }) => level === "warn");
  if (weak) return verdict("attention", "retrying", { key: weak.key });
  if (stale || problems === null) return verdict("stale", "retrying");
  return verdict("well", "delivered", lately(stats.series));
}

/** How many were delivered within the last hour, or within the window if that is shorter: {count, minutes}. */
export function lately({ step_s: step, delivered }) {
  const steps = Math.min(delivered.length, Math.round(3600 / step));
  const count = delivered.slice(delivered.length - steps).reduce((sum, each) => sum + each, 0);
  return { count, minutes: (steps * step) / 60 };
}

function verdict(kind, tone, params = {}, problems = []) {
  return { kind, tone, params, problems };
}

function isFailing({ state, waiting, failed, first_at: first, last_at: last }, now) {
  if (state !== "normal" && state !== "throttled") return false;
  const lasts = waiting > 0 && (state === "throttled" || now - Date.parse(first) > LASTING);
  return lasts || (failed > 0 && now - Date.parse(last) < RECENT);
}

function bySeverity(health) {
  const rank = ({ key }) => (STORAGE.includes(key) ? STORAGE.indexOf(key) : STORAGE.length);
  return health.filter(({ key }) => !OF_RECIPIENTS.includes(key)).sort((one, other) => rank(one) - rank(other));
}

function places(problems) {
  return new Set(problems.map(({ destination }) => destination)).size;
}

function told(problems) {
  const sum = (name) => problems.reduce((all, problem) => all + problem[name], 0);
  return { waiting: sum("waiting"), failed: sum("failed") };
}
