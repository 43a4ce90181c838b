// What keeps the page up to date: states of the pill, tries to connect, asking meanwhile, with a clock of the test's own.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ApiError } from "../../../static/js/api.js";
import { isOld } from "../../../static/js/freshness.js";
import { createLive } from "../../../static/js/live.js";
import { testClock } from "./clock.mjs";

let clock, live, streams, rounds, service, hidden, wanted, told, turns;

beforeEach(() => {
  clock = testClock();
  [streams, rounds, told] = [[], 0, []];
  [service, hidden, wanted] = ["up", false, "topics=stats"];
  turns = { taken: false, take: () => (turns.taken = true), give: () => (turns.taken = false) };
  live = createLive({
    refresh: async () => {
      rounds += 1;
      return service !== "down";
    },
    changed: () => {},
    told: (name) => told.push(name),
    hidden: () => hidden,
    wish: () => wanted,
    connect,
    turns,
    now: clock.now,
    timers: clock,
    random: () => 0.5,
  });
});

// A stream that lasts until it is broken, or left; in the mood "deaf" streams can't be had, but all else can.
function connect(query, last, { signal, alive, heard }) {
  return new Promise((end, fail) => {
    if (service !== "up") return fail(service === "full" ? full() : new ApiError({ code: "network" }));
    const stream = { query, last, signal, alive, heard, end, broken: () => fail(new ApiError({ code: "network" })) };
    streams.push(stream);
    signal.addEventListener("abort", () => fail(new DOMException("", "AbortError")));
    alive(null);
  });
}

const full = () => new ApiError({ status: 503, code: "unavailable", retryAfter: 20 });
const open = () => streams.filter(({ signal }) => !signal.aborted).length;

async function begin() {
  await live.now();
  await clock.pass(0);
}

// Somebody at the other end, who says something every second.
async function listen(seconds) {
  for (let second = 0; second < seconds; second += 1) {
    await clock.pass(1000);
    streams.at(-1).alive(`b-${clock.now()}`);
  }
}

test("it is live with a stream, and nothing is asked any more", async () => {
  assert.equal(live.state, "connecting");
  await begin();
  assert.equal(live.state, "live");
  assert.deepEqual(told, ["opened"]);
  await listen(60);
  assert.deepEqual([rounds, open(), live.state], [1, 1, "live"]);
});

test("a broken stream is reconnected where it was, and what failed meanwhile is asked again", async () => {
  await begin();
  await listen(3);
  streams[0].broken();
  await clock.pass(0);
  assert.equal(live.state, "reconnecting");
  await clock.pass(1100);
  assert.deepEqual([live.state, streams[1].last, rounds], ["live", "b-3000", 2]);
  assert.deepEqual(told, ["opened", "closed", "opened"]);
});

test("without streams the page asks every five seconds, and says so after two failures", async () => {
  service = "deaf";
  await begin();
  assert.equal(live.state, "reconnecting");
  await clock.pass(1000);
  assert.equal(live.state, "polling");
  const before = rounds;
  await clock.pass(60_000);
  assert.equal(rounds - before, 12);
  assert.equal(live.state, "polling");
  service = "up";
  for (let second = 0; second < 40 && !streams.length; second += 1) await clock.pass(1000);
  assert.equal(live.state, "live");
});

test("a service that is gone makes all stale after ten seconds; once it is back the page is live at once", async () => {
  await begin();
  await listen(2);
  service = "down";
  streams[0].broken();
  await clock.pass(9_900);
  assert.equal(live.state, "reconnecting");
  await clock.pass(200);
  assert.deepEqual([live.state, live.since], ["stale", 2000]);
  await clock.pass(120_000);
  assert.equal(live.state, "stale");
  service = "up";
  await clock.pass(5_100);
  assert.deepEqual([live.state, open()], ["live", 1]);
});

test("a stream that is silent is stale after ten seconds, and given up for dead after twenty-five", async () => {
  await begin();
  await clock.pass(10_001);
  assert.equal(live.state, "stale");
  await clock.pass(15_000);
  assert.equal(streams[0].signal.aborted, true);
  await clock.pass(1_000);
  assert.equal(live.state, "live");
});

test("pausing means pausing: no stream, no question, whatever happens, until it is resumed", async () => {
  await begin();
  live.toggle();
  assert.deepEqual([live.state, open(), clock.waiting], ["paused", 0, 0]);
  [hidden] = [true];
  live.seen();
  [hidden] = [false];
  live.seen();
  live.turned();
  live.tune();
  await clock.pass(3_600_000);
  assert.deepEqual([live.state, open(), rounds], ["paused", 0, 1]);
  live.toggle();
  await clock.pass(0);
  assert.deepEqual([live.state, open(), rounds], ["live", 1, 2]);
});

test("what is done while it is paused is shown, and it stays paused", async () => {
  await begin();
  live.toggle();
  await live.now();
  await clock.pass(60_000);
  assert.deepEqual([live.state, open(), rounds], ["paused", 0, 2]);
});

test("resumed without an answer it says so: connecting, or stale at once if it was paused for long", async () => {
  for (const [pause, resumed, later] of [[2_000, "connecting", 8_100], [60_000, "stale", 0]]) {
    service = "up";
    live.anew();
    await begin();
    const { since } = live;
    live.toggle();
    await clock.pass(pause);
    service = "down";
    live.toggle();
    assert.equal(live.state, resumed);
    await clock.pass(later);
    assert.deepEqual([live.state, live.since], ["stale", since]);
    await clock.pass(60_000);
  }
});

test("a service that has never answered is found out after ten seconds", async () => {
  service = "down";
  await begin();
  await clock.pass(9_900);
  assert.equal(live.state, "reconnecting");
  await clock.pass(200);
  assert.deepEqual([live.state, live.since], ["stale", null]);
});

test("what was known before a long silence is old until it was asked for again, though the page is live", async () => {
  const data = (at) => ({ data: {}, error: null, at });
  await begin();
  await listen(2);
  assert.equal(isOld(data(1), live), false);
  live.toggle();
  await clock.pass(600_000);
  live.toggle();
  assert.deepEqual([live.state, isOld(data(1), live), isOld(data(clock.now()), live)], ["live", true, false]);
  await listen(30);
  const asked = clock.now();
  service = "down";
  streams.at(-1).broken();
  await clock.pass(17_900);
  assert.equal(live.state, "stale");
  service = "up";
  await clock.pass(200); // the stream is back before the next round
  assert.deepEqual([live.state, isOld(data(asked), live), isOld(data(clock.now()), live)], ["live", true, false]);
});

test("who has signed in sees at once what that shows, paused or not", async () => {
  await begin();
  live.anew();
  await clock.pass(0);
  assert.deepEqual([rounds, open()], [2, 1]);
  live.toggle();
  live.anew();
  await clock.pass(60_000);
  assert.deepEqual([live.state, rounds, open()], ["paused", 3, 0]);
});

test("a hidden tab has no stream; seen again it goes on where it was", async () => {
  await begin();
  await listen(1);
  hidden = true;
  live.seen();
  await clock.pass(600_000);
  assert.deepEqual([open(), rounds, turns.taken], [0, 1, false]);
  hidden = false;
  live.seen();
  await clock.pass(0);
  assert.deepEqual([live.state, open(), streams.at(-1).last, rounds], ["live", 1, "b-1000", 2]);
});

test("another wish is another stream, without a gap; the same one is not", async () => {
  await begin();
  await listen(1);
  live.tune();
  assert.equal(streams.length, 1);
  wanted = "topics=stats&task=7";
  live.tune();
  await clock.pass(0);
  assert.deepEqual([open(), streams[1].query, streams[1].last, live.state], [1, wanted, "b-1000", "live"]);
  assert.deepEqual(told, ["opened"]);
});

test("a stream that was left says nothing any more", async () => {
  await begin();
  wanted = "topics=bulk";
  live.tune();
  streams[0].heard("stats", {});
  assert.deepEqual(told, ["opened"]);
});

test("a full service is given the time that it asks for", async () => {
  service = "full";
  await begin();
  service = "up";
  await clock.pass(19_000);
  assert.equal(streams.length, 0);
  await clock.pass(2_000);
  assert.equal(streams.length, 1);
});

test("who may not hear anything is not connected, only asked for", async () => {
  wanted = null;
  await begin();
  assert.deepEqual([live.state, streams.length, turns.taken], ["polling", 0, false]);
  wanted = "topics=stats";
  live.anew();
  await clock.pass(0);
  assert.equal(live.state, "live");
});

test("who may hear nothing any more is asked for from then on, whoever finds out", async () => {
  for (const finds of [live.now, () => live.tune()]) {
    wanted = "topics=stats";
    live.anew();
    await begin();
    assert.deepEqual([live.state, turns.taken], ["live", true]);
    wanted = null;
    await finds();
    assert.deepEqual([live.state, live.tells(), open(), turns.taken], ["polling", false, 0, false]);
    assert.equal(told.at(-1), "closed");
    const before = rounds;
    await clock.pass(10_000);
    assert.equal(rounds - before, 2);
  }
});

test("a window whose turn is over asks, and has a stream again when it is turned to", async () => {
  await begin();
  live.yield();
  assert.deepEqual([live.state, open()], ["polling", 0]);
  await clock.pass(60_000);
  assert.deepEqual([rounds, open()], [13, 0]);
  live.turned();
  await clock.pass(0);
  assert.deepEqual([live.state, open()], ["live", 1]);
});
