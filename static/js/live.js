// Keeping the page up to date: by a stream of events while the tab is seen, by asking every few seconds while there is
// none. The states that the pill shows: connecting, live, paused, reconnecting, polling, stale.
import { createLink } from "./link.js";

const PERIOD = 5_000; // of asking
const STALE_AFTER = 10_000; // without any answer
const FAILURES = 2; // of the stream, after which it is said that the page asks

/**
 * `refresh()` asks for everything and says whether all was answered; `changed()` is called when the state did;
 * `hidden()`: is the tab? `timers` has setTimeout and clearTimeout, `now` is a clock in ms. The rest as in link.js.
 */
export function createLive({ refresh, changed, hidden, now, timers = globalThis, random = Math.random, ...world }) {
  // `since`: when the service has said something last; `gap`: what is no newer may have changed while nothing was heard
  const live = { paused: false, stale: false, since: null, gap: 0, state: "connecting" };
  const link = createLink({ ...world, alive, broke, timers, random });
  let answered = false; // was the last round?
  let missed = false; // was it not?
  let running = null;
  let next = null;
  let doubt = null;
  let begun = null;

  const resting = () => live.paused || hidden();

  function say() {
    const asks = answered && (link.crowded || link.query === null || link.failures >= FAILURES);
    const rises = link.failures || missed ? "reconnecting" : "connecting";
    live.state = live.paused ? "paused" : live.stale ? "stale" : link.on ? "live" : asks ? "polling" : rises;
    changed();
  }

  async function round() {
    still();
    if (begun === null) wonder();
    const mine = (running = refresh());
    let complete = false;
    try {
      complete = await mine;
    } finally {
      if (mine === running) ended(complete); // else a later round has begun
    }
  }

  function ended(complete) {
    const back = complete && missed;
    [answered, missed] = [complete, !complete];
    if (complete) news();
    if (!resting()) back ? link.hurry() : link.tune();
    say();
    plan();
  }

  function plan() {
    if (!link.on && !resting()) next ??= timers.setTimeout(round, PERIOD);
  }

  function still() {
    timers.clearTimeout(next);
    next = null;
  }

  // The service has said something.
  function news() {
    live.since = now();
    wonder();
  }

  // Is all stale, and if not yet, when is it?
  function wonder() {
    const left = (live.since ?? (begun ??= now())) + STALE_AFTER - now();
    live.stale = left < 0;
    timers.clearTimeout(doubt);
    if (!live.stale && !resting()) doubt = timers.setTimeout(grow, left);
  }

  function grow() {
    live.stale = true;
    say();
  }

  function alive(came) {
    const was = live.state;
    if (came && live.stale) live.gap = live.since;
    news();
    if (was === "live") return;
    still();
    if (came) round(); // what was asked for meanwhile may have failed
    say();
  }

  function broke() {
    if (link.failures === 1) answered = false;
    say();
    if (link.failures === FAILURES) round();
    else plan();
  }

  function rest() {
    link.close();
    still();
    timers.clearTimeout(doubt);
    say();
  }

  function resume() {
    link.crowded = false;
    wonder();
    if (live.stale) live.gap = live.since;
    link.open();
    round();
    say();
  }

  /** Ask now: a screen was opened, or something was done. */
  live.now = round;
  /** What is wished for may be something else now. */
  live.tune = () => resting() || link.tune();
  live.toggle = () => {
    live.paused = !live.paused;
    if (live.paused) rest();
    else resume();
  };
  /** Is there a stream that tells of every change? */
  live.tells = () => link.on;
  /** Somebody has signed in. */
  live.anew = () => {
    link.forget();
    if (resting()) round();
    else resume();
  };
  /** The tab was hidden, or is seen again. */
  live.seen = () => {
    if (hidden()) rest();
    else if (!live.paused) resume();
  };
  /** The window was turned to. */
  live.turned = () => link.crowded && !resting() && resume();
  /** Other windows have the streams now. */
  live.yield = () => {
    link.crowded = true;
    link.close();
    say();
    plan();
  };
  return live;
}
