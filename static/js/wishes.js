// What the stream is asked to tell: the figures and bulk operations always, and what the open screen wants to hear of.

// Of screens that do not say it themselves. One without an entry shows nothing that changes by itself.
const USUAL = {
  overview: { topics: ["stats", "destinations"] },
  destinations: { topics: ["stats", "destinations"] },
  statuses: { topics: ["stats"] },
  system: { topics: ["stats"] },
};
const TOPIC_OF = { stats: "stats", bulk: "bulk", destination: "destinations", task: "tasks", fresh: "list" };

/** What a screen wants to hear of: {topics, tasks, filter}, where it may leave out any. */
export function wishOf(name, params, screen) {
  if (screen?.wish) return screen.wish();
  return USUAL[name] ?? {};
}

/** As the query of the stream. */
export function queryOf({ topics = [], tasks = [], filter }) {
  const query = new URLSearchParams(filter);
  query.append("topics", [...new Set(["stats", "bulk", ...topics])].join(","));
  if (tasks.length) query.append("task", tasks.join(","));
  return query.toString();
}

/** Is an event something that was wished for? */
export function isWished(name, { topics = [], tasks = [] }) {
  const topic = TOPIC_OF[name];
  return topic === undefined || topics.includes(topic) || (name === "task" && (tasks.length > 0
    || topics.includes("list")));
}
