// What is said: what was done at once, what has happened once there is quiet, and none of it lost.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { testClock } from "./clock.mjs";
import "./page.mjs";

const { announce, toast, toastRegion } = await import("../../../static/js/toast.js");
const clock = testClock();
Object.assign(globalThis, { setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout });
performance.now = clock.now;

const said = () => toastRegion().textContent;

beforeEach(() => clock.pass(60_000));

test("a message comes at once, and goes", async () => {
  toast("Done");
  assert.equal(said(), "Done");
  await clock.pass(6_000);
  assert.equal(said(), "");
});

test("what waits to be read out is read out though a message comes between", async () => {
  toast("Done");
  await clock.pass(5_000);
  announce("Stale");
  await clock.pass(1_000);
  toast("Done too");
  await clock.pass(9_900);
  assert.notEqual(said(), "Stale");
  await clock.pass(200);
  assert.equal(said(), "Stale");
  await clock.pass(60_000);
  toast("Done again");
  await clock.pass(20_000);
  assert.equal(said(), "", "and once only");
});

test("of what has happened at almost the same time the last is read out", async () => {
  announce("Stale");
  await clock.pass(500);
  announce("Live");
  await clock.pass(1_000);
  assert.equal(said(), "Live");
  await clock.pass(30_000);
  assert.equal(said(), "");
});
