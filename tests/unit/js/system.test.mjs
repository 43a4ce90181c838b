// How often the screen of the system asks while it is told of a flow of tasks.
import assert from "node:assert/strict";
import { test } from "node:test";

import { testClock } from "./clock.mjs";
import "./page.mjs";

const { make } = await import("../../../static/js/screens/system.js");
const clock = testClock();

test("it asks once in ten seconds however much it is told, and not once it was left", async () => {
  const asked = [];
  Object.assign(globalThis, { setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout });
  Date.now = clock.now;
  globalThis.fetch = async (url) => {
    asked.push(url.split("?")[0]);
    throw new DOMException("", "AbortError");
  };
  const left = AbortSignal.abort(); // so that nothing is drawn
  const screen = make({ query: new URLSearchParams(), signal: left, live: { paused: false } });
  const audits = () => asked.filter((path) => path === "/api/v1/audit").length;
  const flow = async (seconds) => {
    for (let second = 0; second < seconds; second += 1) {
      assert.equal(screen.told("stats", {}), true);
      await clock.pass(1000);
    }
  };
  await flow(9);
  assert.equal(audits(), 1);
  await flow(20);
  assert.equal(audits(), 3);
  assert.equal(asked.includes("/api/v1/parameters"), false); // they don't change
  screen.told("stats", {});
  screen.leave();
  await clock.pass(60_000);
  assert.equal(audits(), 3);
});
