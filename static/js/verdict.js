// The first line of the overview: what is broken, or that nothing is. Pure, of what the API said.

const LATE = 60_000; // ms: a task due for longer is worth a word

/**
 * The worst that is known: {kind, tone, params}. Order: not ready > a health check gone bad > held destinations >
 * throttled or paused ones > tasks long due > all is well. `stale` is said instead of anything good.
 */
export function judge({ session, stats, destinations, stale, now }) {
  if (session && session.ready === false) return { kind: "not_ready", tone: "failed", params: {} };
  const bad = stats.health?.find(({ level }) => level === "bad");
  if (bad) return { kind: "health", tone: "failed", params: { key: bad.key } };
  const inState = (...states) => destinations.filter(({ state }) => states.includes(state));
  const held = inState("held");
  if (held.length) return { kind: "held", tone: "failed", params: { count: held.length, waiting: waiting(held) } };
  const slowed = inState("throttled", "paused");
  if (slowed.length) {
    return { kind: "slowed", tone: "retrying", params: { count: slowed.length, waiting: waiting(slowed) } };
  }
  const due = stats.now.oldest_due_at ? now - Date.parse(stats.now.oldest_due_at) : 0;
  if (due > LATE) return { kind: "due", tone: "retrying", params: { age: due } };
  if (stale) return { kind: "stale", tone: "retrying", params: {} };
  return { kind: "well", tone: "delivered", params: {} };
}

function waiting(destinations) {
  return destinations.reduce((sum, { waiting: count }) => sum + count, 0);
}
