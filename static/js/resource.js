// Something asked of the API, and what is known about it: the data, when it came, why a newer one did not.
import { ApiError, wasLeft } from "./api.js";
import { now } from "./moment.js";

const PATIENCE = 300; // ms until waiting is shown

/** `fetch` asks; `draw` is called whenever something is to be shown anew. `load` says whether it was answered. */
export function resource(fetch, draw) {
  const known = { data: null, error: null, at: null, slow: false };
  let latest = 0;

  known.load = async () => {
    const mine = (latest += 1);
    const timer = setTimeout(() => {
      known.slow = true;
      if (known.data === null && !known.error) draw();
    }, PATIENCE);
    try {
      const data = await fetch();
      if (mine === latest) Object.assign(known, { data, error: null, at: now() });
    } catch (error) {
      if (wasLeft(error)) return true;
      if (!(error instanceof ApiError)) throw error;
      if (mine === latest) known.error = error;
    } finally {
      clearTimeout(timer);
    }
    if (mine === latest) draw();
    return !known.error || isAnswer(known.error);
  };
  return known;
}

// "There is no such task" is bad news, but it is news.
function isAnswer({ status }) {
  return status >= 400 && status < 500;
}
