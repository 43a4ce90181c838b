// The first line of the overview: the worst that is known comes first, and old data is never called well.
import assert from "node:assert/strict";
import { test } from "node:test";

import { judge, lately } from "../../../static/js/verdict.js";

const NOW = Date.UTC(2026, 10, 25);
const ago = (minutes) => new Date(NOW - minutes * 60_000).toISOString();
const check = (key, level, value = 1) => ({ key, level, value });
const SERIES = { step_s: 60, delivered: [1000, ...Array(60).fill(2)] };
const judged = ({ session = { ready: true }, due = null, health = [], problems = [], stale = false }) => judge({ session,
  stats: { now: { oldest_due_at: due }, health, series: SERIES }, problems, stale, now: NOW });
const problem = (part) => ({ destination: "http://a:80", outcome: "500", state: "normal", waiting: 0, failed: 0,
  first_at: ago(90), last_at: ago(1), ...part });

test("all is well, and how much was delivered in the last hour", () => {
  const { kind, tone, params } = judged({});
  assert.deepEqual({ kind, tone, params }, { kind: "well", tone: "delivered", params: { count: 120, minutes: 60 } });
});

test("the worst comes first, whatever else there is", () => {
  const all = {
    session: { ready: false, reasons: [] },
    health: [check("memory", "bad"), check("disk_free", "bad"), check("last_check", "warn")],
    problems: [
      problem({ state: "held", waiting: 3 }),
      problem({ state: "held", waiting: 4, outcome: "503" }),
      problem({ state: "throttled", waiting: 5, destination: "http://b:80" }),
      problem({ state: "paused", waiting: 2, destination: "http://c:80" }),
    ],
    due: ago(2),
  };
  const steps = [
    ["not_ready", "failed", { key: "disk_free" }, () => { all.session = { ready: true }; }],
    ["inside", "failed", { key: "disk_free" }, () => { all.health = [check("last_check", "warn")]; }],
    ["held", "failed", { count: 1, waiting: 7, failed: 0 }, () => { all.problems.splice(0, 2); }],
    ["failing", "retrying", { count: 1, waiting: 5 }, () => { all.problems.shift(); }],
    ["paused", "retrying", { count: 1, waiting: 2, failed: 0 }, () => { all.problems.shift(); }],
    ["due", "retrying", { age: 120_000 }, () => { all.due = ago(0.5); }],
    ["attention", "retrying", { key: "last_check" }, () => { all.health = []; }],
    ["well", "delivered", { count: 120, minutes: 60 }, () => {}],
  ];
  for (const [kind, tone, params, mend] of steps) {
    const said = judged(all);
    assert.deepEqual({ kind: said.kind, tone: said.tone, params: said.params }, { kind, tone, params });
    mend();
  }
});

test("why it is not ready is said rather than which part is bad", () => {
  const reasons = [{ code: "disk_full", detail: "", params: {} }];
  const said = judged({ session: { ready: false, reasons }, health: [check("memory", "bad")] });
  assert.deepEqual([said.kind, said.params], ["not_ready", { reasons }]);
});

test("destinations are counted once, and those that are held without a problem too", () => {
  const problems = [problem({ state: "held" }), problem({ state: "held", outcome: null })];
  assert.equal(judged({ problems }).params.count, 1);
  assert.equal(judged({ problems, health: [check("destinations_held", "warn", 3)] }).params.count, 3);
  assert.equal(judged({ health: [check("destinations_held", "warn", 1)] }).kind, "held");
});

test("failing: tasks fail, or wait for longer than a hiccup takes", () => {
  assert.equal(judged({ problems: [problem({ waiting: 1, first_at: ago(4) })] }).kind, "well");
  assert.equal(judged({ problems: [problem({ waiting: 1, first_at: ago(6) })] }).kind, "failing");
  const failed = judged({ problems: [problem({ failed: 96 })] });
  assert.deepEqual([failed.kind, failed.tone, failed.params.count], ["failed", "failed", 96]);
  assert.equal(judged({ problems: [problem({ failed: 96, last_at: ago(61) })] }).kind, "well");
});

test("the problems that it speaks of come along", () => {
  const problems = [problem({ failed: 9 }), problem({ failed: 4, outcome: "404" })];
  assert.deepEqual(judged({ problems }).problems, problems);
});

test("stale data is never called well, but what is wrong is said", () => {
  assert.equal(judged({ stale: true }).kind, "stale");
  assert.equal(judged({ problems: null }).kind, "stale");
  assert.equal(judged({ stale: true, due: ago(3) }).kind, "due");
  assert.notEqual(judged({ stale: true }).tone, "delivered");
});

test("the last hour is counted in any window, and no more than the window has", () => {
  assert.deepEqual(lately({ step_s: 300, delivered: Array(288).fill(1) }), { count: 12, minutes: 60 });
  assert.deepEqual(lately({ step_s: 60, delivered: Array(15).fill(1) }), { count: 15, minutes: 15 });
});
