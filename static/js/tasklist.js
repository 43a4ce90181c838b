// The rows of the task list while it is watched: changed in place, new ones counted, never moved under the pointer.
import { get } from "./api.js";
import { matchesStatus, toParams } from "./filter.js";
import { groupOf } from "./status.js";

const MOST_ROWS = 200; // of one answer of the API
const MOST_SINGLE = 20; // rows that are asked for one by one in a round

/** Ask for a page: {items, next, prev, complete, fresh: 0}. */
export async function loadPage(filter, signal) {
  const page = await get("/tasks", { query: query(filter, filter.limit), signal });
  return { ...page, fresh: 0 };
}

/** Ask again for what `page` shows: the same rows as they are now, and how many new ones match. */
export async function refreshPage(page, filter, signal) {
  if (!page.items.length) return loadPage(filter, signal);
  const limit = Math.min(filter.limit + page.fresh, MOST_ROWS);
  const answer = await get("/tasks", { query: query(filter, limit), signal });
  const found = new Map(answer.items.map((task) => [task.id, task]));
  const last = answer.items.at(-1)?.id ?? "~"; // sorts after every id
  const whole = !answer.next || (filter.oldest && answer.complete !== false);
  const covered = ({ id }) => whole || id > last; // the answer would have it if it matched
  const missing = page.items.filter(({ id, gone }) => !found.has(id) && !gone).slice(0, MOST_SINGLE);
  const single = await Promise.all(missing.map(({ id }) => loadTask(id, signal)));
  const alone = new Map(single.filter(Boolean).map((task) => [task.id, task]));
  const items = page.items.map((row) => (found.has(row.id) || !alone.has(row.id)
    ? rowNow(row, found.get(row.id), filter)
    : rowNow(row, alone.get(row.id), filter, covered(row))));
  return { ...page, items, fresh: filter.cursor || filter.oldest ? 0 : countFresh(answer.items, page.items) };
}

/** A page after an event: rows as it tells of them, those that it calls unmatched marked. */
export function patched(page, { items, unmatched }, filter) {
  const told = new Map(items.map((task) => [task.id, task]));
  const gone = new Set(unmatched);
  return { ...page, items: page.items.map((row) => rowNow(row, told.get(row.id), filter, gone.has(row.id))) };
}

/**
 * How many tasks are new: `now` is {count, exact}. A stream counts from where it began, so what it says is added to
 * what was known then; while there is none, the list is asked (`loaded`).
 */
export function freshCount() {
  let base = 0;
  let kept = null; // what was known when the stream ended
  const fresh = {
    now: { count: 0, exact: true },
    /** The list was asked: `anew` for other rows, `recount` since the stream has begun anew. */
    loaded(count, { anew, recount }) {
      fresh.now = { count, exact: true };
      if (anew || recount) base = count;
      if (anew && kept !== null) kept = count;
    },
    told({ count, exact }) {
      fresh.now = { count: base + count, exact };
    },
    closed() {
      kept = fresh.now.count;
    },
    opened() {
      base = kept ?? base;
      kept = null;
    },
  };
  return fresh;
}

/** How many tasks of a newer answer stand before the first row that is shown already. */
export function countFresh(answer, shown) {
  const known = new Set(shown.map(({ id }) => id));
  const first = answer.findIndex(({ id }) => known.has(id));
  return first < 0 ? answer.filter(({ id }) => id > shown[0].id).length : first;
}

// A row as it is now; one that no longer matches the filter (`gone` if that is known) stays, and is marked.
function rowNow(row, task, filter, gone = false) {
  if (!task) return row;
  return !gone && matchesStatus(filter, task.status, groupOf) ? task : { ...task, gone: true };
}

async function loadTask(id, signal) {
  try {
    return await get(`/tasks/${id}`, { signal });
  } catch (error) {
    if (error.status === 404) return null; // retention took it meanwhile
    throw error;
  }
}

function query(filter, limit) {
  const params = toParams(filter);
  params.set("limit", limit);
  return params;
}
