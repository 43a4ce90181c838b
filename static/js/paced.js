// What is asked for often, done seldom.

/**
 * `ask()` has `run` called soon, but never twice at once, nor within `period` ms of the last time; `stop()` takes back
 * what was asked. `timers` has setTimeout and clearTimeout, `now` is a clock in ms.
 */
export function paced(run, period, { timers = globalThis, now = Date.now } = {}) {
  let timer = null;
  let running = false;
  let wanted = false;
  let last = -Infinity;

  async function go() {
    timer = null;
    running = true;
    last = now();
    try {
      await run();
    } finally {
      running = false;
      if (wanted) ask();
    }
  }

  function ask() {
    wanted = running;
    if (running || timer !== null) return;
    timer = timers.setTimeout(go, Math.max(last + period - now(), 0));
  }

  function stop() {
    timers.clearTimeout(timer);
    timer = null;
    wanted = false;
  }
  return { ask, stop };
}
