// Charts as numbers: scales, paths, columns.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as chart from "../../../static/js/chart.js";

test("the top of a scale is round, not below the highest value, and its lines are whole numbers", () => {
  const cases = [[0, 4], [1, 4], [4, 4], [5, 8], [9, 12], [41, 60], [80, 80], [950, 1000], [4733, 5000], [1e6, 1e6]];
  for (const [most, top] of cases) assert.equal(chart.topOf(most), top, most);
  for (let most = 0; most < 5000; most += 7) {
    const top = chart.topOf(most);
    assert.ok(top >= most && top <= Math.max(2 * most, 4), `${most} → ${top}`);
    assert.ok(chart.marks(top).every(Number.isInteger), `${most} → ${top}`);
  }
});

test("times have round tops too, of any length", () => {
  const cases = [[0, 4], [3, 4], [7, 8], [430, 1000], [1400, 2000], [9000, 10_000], [61_000, 120_000],
    [900_000, 960_000]];
  for (const [most, top] of cases) assert.equal(chart.topOfTimes(most), top, most);
});

test("a scale is labelled from the ground up", () => {
  assert.deepEqual(chart.marks(1000), [0, 250, 500, 750, 1000]);
});

test("a line goes from edge to edge, highest value up", () => {
  assert.equal(chart.line([0, 50, 100], 100), "M0 100L150 50L300 0");
});

test("what is not known is a gap, and a value alone a dot", () => {
  assert.equal(chart.line([null, 100, null, 0, 50], 100), "M75 0h0M225 100L300 50");
  assert.equal(chart.line([null, null], 100), "");
  assert.equal(chart.line([], 4), "");
});

test("an area comes back to the ground on either side of a gap", () => {
  assert.equal(chart.area([100, null, 0, 100], 100), "M0 100L0 0L0 100ZM200 100L200 100L300 0L300 100Z");
});

test("counts become rates; the step under way counts by the time it had", () => {
  assert.deepEqual(chart.perMinute([300, 600, 60], 300, 60_000), [60, 120, 60]);
  assert.deepEqual(chart.perMinute([60, 60, 3], 60, 9_999), [60, 60, null]);
  assert.deepEqual(chart.perMinute([60, 60], 60, 90_000), [60, 60]);
});

test("columns begin at their times", () => {
  const from = "2026-11-25T01:00:00.000Z";
  assert.deepEqual(chart.times({ from, step_s: 60 }, 3), [0, 60_000, 120_000].map((ms) => Date.parse(from) + ms));
});

test("few of many times are shown, the first and the last among them", () => {
  const all = Array.from({ length: 60 }, (_, index) => index);
  assert.deepEqual(chart.spread(all, 5), [0, 15, 30, 44, 59]);
  assert.deepEqual(chart.spread([1, 2], 5), [1, 2]);
});

test("a pointer reads the nearest column, whatever it points at", () => {
  assert.deepEqual([-1, 0, 0.49, 0.51, 1, 7].map((share) => chart.columnAt(share, 2)), [0, 0, 0, 1, 1, 1]);
  assert.equal(chart.columnAt(0.5, 1), 0);
});

test("keys move by a column, by a tenth and to the ends, never outside", () => {
  const after = (key, column) => chart.columnAfter(key, column, 60);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"].map((key) => after(key, 30)),
    [29, 31, 36, 24, 0, 59]);
  assert.deepEqual([after("ArrowLeft", 0), after("ArrowRight", 59), after("x", 30), after("toString", 3)],
    [0, 59, null, null]);
});

test("a time within the columns has a place among them", () => {
  assert.equal(chart.xOfTime(50, [0, 100]), 150);
  assert.deepEqual([chart.xOfTime(101, [0, 100]), chart.xOfTime(0, [0]), chart.xOfTime(0, [])], [null, null, null]);
});

test("the highest and the last known value are found", () => {
  assert.deepEqual(chart.peak([null, 3, 7, 7, null]), { value: 7, column: 2 });
  assert.equal(chart.peak([null]), null);
  assert.equal(chart.latest([1, 0, null]), 0);
  assert.equal(chart.latest([null]), null);
});
