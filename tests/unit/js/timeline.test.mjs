// The course of a delivery as steps.
import assert from "node:assert/strict";
import { test } from "node:test";

import { folded, span, stepsOf } from "../../../static/js/timeline.js";

const at = (second) => new Date(Date.UTC(2026, 0, 31, 12, 0, second)).toISOString();
const attempt = (number, start, end = start) => ({ number, started_at: at(start), finished_at: at(end), code: 500 });
const names = (steps) => steps.map(({ key }) => key);

test("accepted, attempts, what operators did, the end; gaps are waits between them", () => {
  const task = { created_at: at(0), finished_at: at(30), history: [{ at: at(20), action: "retry", by: "ann" }] };
  const steps = stepsOf(task, [attempt(1, 0, 2), attempt(2, 7, 8), attempt(3, 20, 30)]);
  assert.deepEqual(names(steps), ["accepted", "attempt 1", "attempt 2", "attempt 3", "action 0", "end"]);
  assert.deepEqual(steps.map(({ gap }) => gap), [null, 0, 5000, 12_000, 0, 10_000]);
  assert.equal(span(steps), 30_000);
});

test("attempts to come stand at the end, the one under way is not among them", () => {
  const schedule = [{ attempt: 2, earliest: at(10) }, { attempt: 3, earliest: at(60) }];
  const waiting = { created_at: at(0), finished_at: null };
  assert.deepEqual(names(stepsOf(waiting, [attempt(1, 1)], schedule)),
    ["accepted", "attempt 1", "coming 2", "coming 3"]);
  const sending = { ...waiting, sending_since: at(10) };
  assert.deepEqual(names(stepsOf(sending, [attempt(1, 1)], schedule)),
    ["accepted", "attempt 1", "sending", "coming 3"]);
});

test("without an attempt there is no length to tell", () => {
  assert.equal(span(stepsOf({ created_at: at(0) })), null);
});

test("over fourteen steps the middle folds, and says how many it holds", () => {
  const course = (count) => stepsOf({ created_at: at(0) }, Array.from({ length: count }, (_, n) => attempt(n + 1, n)));
  assert.equal(folded(course(13)).length, 14);
  assert.equal(folded(course(13)).some(({ kind }) => kind === "fold"), false);
  const long = folded(course(29));
  assert.equal(long.length, 14);
  assert.deepEqual(names(long).slice(4, 7), ["attempt 4", "fold", "attempt 22"]);
  assert.equal(long[5].count, 17);
  assert.equal(long.at(-1).key, "attempt 29");
});
