// What the frame around the screens knows: who looks, at which service, how many tasks of each group there are.
import { ApiError, get, wasLeft } from "./api.js";
import { lookForBulks } from "./progress.js";
import { loadSession, mayRead } from "./session.js";
import { GROUPS, groupOf } from "./status.js";

/** {session, counts by group}; null is not known. */
export const frame = { session: null, counts: null };

let counting = Promise.resolve(null); // the counts by status, as they were asked for last; null if in vain

/** Ask for all of it; was it answered? Nothing is asked of a service that wants to know first who asks. */
export function loadFrame() {
  const session = loadSession();
  count(session.then(() => (mayRead() ? askStatuses() : null)));
  return answered(async () => {
    frame.session = await session;
    await Promise.all([takeCounts(), mayRead() && lookForBulks()]);
  });
}

/** Ask for the counts alone. */
export function refreshCounts() {
  count(askStatuses());
  return answered(takeCounts);
}

/** How many kept tasks there are of each status, as was asked last: {status: count}; null for whom it is not told. */
export function statusCounts() {
  if (counting === null) count(askStatuses());
  return counting;
}

/** How many kept tasks there are; null as there. */
export async function keptCount() {
  const all = await statusCounts();
  return all && Object.values(all).reduce((sum, tasks) => sum + tasks, 0);
}

function count(asked) {
  counting = asked;
  asked.catch(() => { // who waits for it hears of it
    if (counting === asked) counting = null;
  });
}

async function askStatuses() {
  const { items } = await get("/statuses");
  return Object.fromEntries(items.map(({ status, count: tasks }) => [status, tasks]));
}

async function takeCounts() {
  const all = await statusCounts();
  frame.counts = all && Object.fromEntries(GROUPS.map((group) => [group,
    Object.keys(all).filter((status) => groupOf(status) === group).reduce((sum, status) => sum + all[status], 0)]));
}

async function answered(ask) {
  try {
    await ask();
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) && !wasLeft(error)) throw error;
    return false;
  }
}
