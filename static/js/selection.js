// Which tasks are chosen: by their ids, or all that match the filter. Pure.

export const MOST_CHOSEN = 200; // ids that a bulk operation takes

/** An empty selection: {tasks: Map of id → task as it was when chosen, all, anchor}. */
export function nothing() {
  return { tasks: new Map(), all: false, anchor: null };
}

/** Choose a row of a page or leave it; with `range` all rows from the one chosen last. */
export function toggle({ tasks, anchor, all }, items, id, range) {
  const chosen = new Map(all ? items.map((task) => [task.id, task]) : tasks);
  const place = (wanted) => items.findIndex((task) => task.id === wanted);
  const on = !chosen.has(id);
  const from = range && anchor && place(anchor) >= 0 ? place(anchor) : place(id);
  const [first, last] = [from, place(id)].sort((one, other) => one - other);
  return { tasks: changed(chosen, items.slice(first, last + 1), on), all: false, anchor: id };
}

/** Choose all rows of a page, or leave them if all are chosen. */
export function togglePage({ tasks, all }, items) {
  const on = !all && !items.every(({ id }) => tasks.has(id));
  return { tasks: changed(all ? new Map() : tasks, items, on), all: false, anchor: null };
}

/** All that match the filter. */
export function everything() {
  return { ...nothing(), all: true };
}

/** Is a task chosen? */
export function has({ tasks, all }, id) {
  return all || tasks.has(id);
}

/** The statuses of what is chosen by its ids: those that `items` of the page have now, else those at the choice. */
export function statusesOf({ tasks }, items) {
  const now = new Map(items.map(({ id, status }) => [id, status]));
  return [...tasks.values()].map(({ id, status }) => now.get(id) ?? status);
}

/** "all", "some" or "none" of a page. */
export function extent(selection, items) {
  const count = items.filter(({ id }) => has(selection, id)).length;
  return count === 0 ? "none" : count === items.length ? "all" : "some";
}

function changed(tasks, items, on) {
  const next = new Map(tasks);
  for (const task of items) {
    if (!on) next.delete(task.id);
    else if (next.size < MOST_CHOSEN) next.set(task.id, task);
  }
  return next;
}

const kept = new Map(); // of filters of this visit

/** The selection that belongs to a filter (as a text), where one comes back to it; else an empty one. */
export function recall(filter, back) {
  return (back && kept.get(filter)) || nothing();
}

/** Keep the selection of a filter for the way back. */
export function keep(filter, selection) {
  kept.delete(filter);
  kept.set(filter, selection);
  if (kept.size > 20) kept.delete(kept.keys().next().value);
}
