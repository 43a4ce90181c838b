// The stream of events that a tab has: opened, opened anew when it breaks or when something else is wished for.
import { ApiError, wasLeft } from "./api.js";

const PATIENCE = 10_000; // ms until a stream has begun
const MUTE_AFTER = 25_000; // ms without anything on it, comments included: it is dead
const WAITS = [1_000, 2_000, 5_000, 10_000, 30_000]; // ms before the next try, by failures
const CLOSED_TO_US = [401, 403]; // until somebody else signs in

/**
 * `wish()` is the query of the stream, null if there is to be none; `connect(query, last, {signal, alive, heard})`
 * reads it; `told(name, data)` takes an event, "opened" and "closed" among them; `alive(came)` is called when anything
 * comes, `came` that it does after a failure; `broke()` when a stream, or the try to have one, has ended. `turns` is as
 * in turns.js, `timers` has setTimeout and clearTimeout, `random` gives a number from 0 to 1.
 */
export function createLink({ wish, connect, told, alive, broke, turns, timers, random }) {
  const link = { on: false, failures: 0, crowded: false, query: null };
  let own = null; // of the stream there is
  let last = null; // what was heard last
  let mute = null;
  let again = null;

  /** Have one, from where the last one ended. */
  link.open = async () => {
    drop();
    link.query = wish();
    if (link.crowded || link.query === null) return end();
    turns.take();
    const mine = (own = new AbortController());
    const still = (run) => (...given) => mine === own && run(...given);
    let error = null;
    watch(PATIENCE);
    try {
      await connect(link.query, last, { signal: mine.signal, alive: still(heard), heard: still(told) });
    } catch (problem) {
      error = problem;
    }
    if (mine === own) failed(error);
    if (error && !(error instanceof ApiError) && !wasLeft(error)) throw error;
  };

  /** Have none. */
  link.close = () => {
    drop();
    turns.give();
    over();
  };

  /** What is wished for may be something else now. */
  link.tune = () => {
    if (again === null && (own === null || wish() !== link.query)) link.open();
  };

  /** Don't wait for the next try. */
  link.hurry = () => {
    if (own === null) link.open();
  };

  /** Somebody else looks now, or at something else: nothing of before counts. */
  link.forget = () => {
    link.failures = 0;
    last = null;
  };

  function heard(id) {
    last = id ?? last;
    watch(MUTE_AFTER);
    const [begins, came] = [!link.on, link.failures > 0];
    link.on = true;
    link.failures = 0;
    if (begins) told("opened");
    alive(came);
  }

  function end() {
    const was = link.on;
    link.close();
    if (was) broke();
  }

  function failed(error) {
    drop();
    over();
    link.failures += 1;
    const wait = Math.max(WAITS[Math.min(link.failures, WAITS.length) - 1], (error?.retryAfter ?? 0) * 1000);
    if (!CLOSED_TO_US.includes(error?.status)) again = timers.setTimeout(link.open, wait * (0.75 + random() / 2));
    broke();
  }

  function watch(ms) {
    timers.clearTimeout(mute);
    mute = timers.setTimeout(() => failed(null), ms);
  }

  function drop() {
    timers.clearTimeout(mute);
    timers.clearTimeout(again);
    again = null;
    own?.abort();
    own = null;
  }

  function over() {
    if (!link.on) return;
    link.on = false;
    told("closed");
  }
  return link;
}
