// Keeping the page up to date: everything shown is asked for again every few seconds while the tab is visible.

const PERIOD = 5_000;
const STALE_AFTER = 10_000;

/**
 * `refresh` asks for everything and says whether all of it was answered; `changed` is called when the state did.
 * The state: paused, stale, since (time of the last complete answer).
 */
export function createLive({ refresh, changed, now }) {
  const live = { paused: false, stale: false, since: null };
  let timer = null;
  let running = null;

  async function round() {
    clearTimeout(timer);
    const mine = (running = refresh());
    let complete = false;
    try {
      complete = await mine;
    } finally {
      if (mine === running) ended(complete); // else a later round has begun
    }
  }

  function ended(complete) {
    if (complete) live.since = now();
    live.stale = !complete && now() - (live.since ?? 0) > STALE_AFTER;
    changed();
    plan();
  }

  function plan() {
    clearTimeout(timer);
    if (!live.paused && !document.hidden) timer = setTimeout(round, PERIOD);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || live.paused) clearTimeout(timer);
    else round();
  });

  /** Ask now: a screen was opened, or something was done. */
  live.now = round;
  live.toggle = () => {
    live.paused = !live.paused;
    changed();
    if (live.paused) clearTimeout(timer);
    else round();
  };
  return live;
}
