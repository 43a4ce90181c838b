// The first line of the overview: the worst that is known comes first, and old data is never called well.
import assert from "node:assert/strict";
import { test } from "node:test";

import { judge } from "../../../static/js/verdict.js";

const NOW = Date.UTC(2026, 10, 25);
const known = (part) => ({ session: { ready: true }, stats: { now: { oldest_due_at: null }, health: [] }, destinations: [],
  stale: false, now: NOW, ...part });
const due = (ms) => ({ now: { oldest_due_at: new Date(NOW - ms).toISOString() }, health: [] });

test("all is well", () => {
  assert.equal(judge(known({})).kind, "well");
  assert.equal(judge(known({ stats: { now: { oldest_due_at: null } } })).kind, "well");
});

test("the worst comes first", () => {
  const held = [{ state: "held", waiting: 3 }, { state: "paused", waiting: 1 }, { state: "held", waiting: 4 }];
  const bad = { now: {}, health: [{ key: "disk_free", level: "bad" }] };
  assert.equal(judge(known({ session: { ready: false }, stats: bad, destinations: held })).kind, "not_ready");
  assert.deepEqual(judge(known({ stats: bad, destinations: held })).params, { key: "disk_free" });
  assert.deepEqual(judge(known({ destinations: held })), { kind: "held", tone: "failed", params: { count: 2, waiting: 7 } });
  assert.deepEqual(judge(known({ destinations: [held[1]] })).params, { count: 1, waiting: 1 });
  assert.equal(judge(known({ stats: due(120_000) })).kind, "due");
  assert.equal(judge(known({ stats: due(1000) })).kind, "well");
});

test("stale data is never called well", () => {
  assert.equal(judge(known({ stale: true })).kind, "stale");
});
