// What the stream is asked to tell: the figures and bulk operations always, and what the open screen wants to hear of.

// Of screens that do not say it themselves. One without an entry shows nothing that changes by itself.
const USUAL = {
  overview: { topics: ["stats", "destinations"] },
  destinations: { topics: ["stats", "destinations"] },
  statuses: { topics: ["stats"] },
  system: { topics: ["stats"] },
};
const LONGEST = 7_500; // characters
const ID = 33; // characters, with its comma
const TOPIC_OF = { stats: "stats", bulk: "bulk", destination: "destinations", task: "tasks", fresh: "list" };

/** What a screen wants to hear of: {topics, tasks, filter}, where it may leave out any. */
export function wishOf(name, screen) {
  if (screen?.wish) return screen.wish();
  return USUAL[name] ?? {};
}

/**
 * As the query of the stream. Servers read addresses of some 8,000 characters: ids are written short, and those that
 * come last are left out where the filter is long.
 */
export function queryOf({ topics = [], tasks = [], filter }) {
  const query = new URLSearchParams(filter);
  query.append("topics", [...new Set(["stats", "bulk", ...topics])].join(","));
  const room = Math.max(Math.floor((LONGEST - query.toString().length) / ID), 0);
  const ids = tasks.slice(0, room).map((id) => id.replaceAll("-", ""));
  if (ids.length) query.append("task", ids.join(","));
  return query.toString();
}

/** Is an event something that was wished for? */
export function isWished(name, { topics = [], tasks = [] }) {
  const topic = TOPIC_OF[name];
  return topic === undefined || topics.includes(topic) || (name === "task" && (tasks.length > 0
    || topics.includes("list")));
}
