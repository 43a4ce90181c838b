// What the frame around the screens knows: who looks, at which service, how many tasks of each group there are.
import { ApiError, get, wasLeft } from "./api.js";
import { lookForBulks } from "./progress.js";
import { loadSession, mayRead } from "./session.js";
import { GROUPS, groupOf } from "./status.js";

/** {session, counts by group}; null is not known. */
export const frame = { session: null, counts: null };

/** Ask for all of it; was it answered? Nothing is asked of a service that wants to know first who asks. */
export function loadFrame() {
  return answered(async () => {
    frame.session = await loadSession();
    if (mayRead()) await Promise.all([loadCounts(), lookForBulks()]);
    else frame.counts = null;
  });
}

/** Ask for the counts alone. */
export function refreshCounts() {
  return answered(loadCounts);
}

async function loadCounts() {
  const { items } = await get("/statuses");
  const counts = Object.fromEntries(GROUPS.map((group) => [group, 0]));
  for (const { status, count } of items) counts[groupOf(status)] += count;
  frame.counts = counts;
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
