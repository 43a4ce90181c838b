// What is asked for often is done seldom, and the last time is never forgotten.
import assert from "node:assert/strict";
import { test } from "node:test";

import { paced } from "../../../static/js/paced.js";
import { testClock } from "./clock.mjs";

function pacing(run = async () => {}) {
  const clock = testClock();
  const times = [];
  const it = paced(async () => {
    times.push(clock.now());
    await run();
  }, 2000, { timers: clock, now: clock.now });
  return { clock, times, it };
}

test("at once when it was long ago, then once in a period", async () => {
  const { clock, times, it } = pacing();
  for (let ms = 0; ms < 5000; ms += 100) {
    it.ask();
    await clock.pass(100);
  }
  await clock.pass(10_000);
  assert.deepEqual(times, [0, 2000, 4000, 6000]);
});

test("what is asked for while it runs is done afterwards, never beside it", async () => {
  let release;
  const { clock, times, it } = pacing(() => new Promise((done) => (release = done)));
  it.ask();
  await clock.pass(0);
  it.ask();
  await clock.pass(9000);
  assert.deepEqual(times, [0]);
  release();
  await clock.pass(0);
  assert.deepEqual(times, [0, 9000]);
});

test("what was taken back is not done", async () => {
  const { clock, times, it } = pacing();
  it.ask();
  it.stop();
  await clock.pass(10_000);
  assert.deepEqual([times, clock.waiting], [[], 0]);
});
