// Durations in the units in which people count them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { clipped, DAY, HOUR, MINUTE, SECOND, split } from "../../../static/js/duration.js";

const said = (ms) => split(ms).map(({ unit, value }) => `${value} ${unit}`).join(" ");

test("at most two neighbouring units are named, and no zero after the first", () => {
  const cases = [
    [0, "0 ms"], [999, "999 ms"], [1400, "1.4 s"], [10 * SECOND, "10 s"], [MINUTE, "1 min"],
    [14 * MINUTE + 8 * SECOND, "14 min 8 s"], [HOUR + 59 * SECOND, "1 h"], [2 * HOUR + 5 * MINUTE, "2 h 5 min"],
    [12 * DAY + 4 * HOUR + 59 * MINUTE, "12 d 4 h"], [DAY + 59 * MINUTE, "1 d"],
  ];
  for (const [ms, text] of cases) assert.equal(said(ms), text);
});

test("small ones have a fraction, and seconds and minutes after a unit have two digits", () => {
  assert.deepEqual(split(0.7), [{ unit: "ms", value: 0.7, digits: 1, fraction: 1 }]);
  assert.deepEqual(split(41.3), [{ unit: "ms", value: 41.3, digits: 1, fraction: 0 }]);
  assert.deepEqual(split(65 * SECOND).map(({ digits }) => digits), [1, 2]);
  assert.deepEqual(split(2 * HOUR + 5 * MINUTE).map(({ digits }) => digits), [1, 2]);
  assert.deepEqual(split(DAY + HOUR).map(({ digits }) => digits), [1, 1]);
});

test("an age loses what nobody looks at, and is never negative", () => {
  const cases = [[-5, 0], [2900, 2000], [38 * MINUTE + 59 * SECOND, 38 * MINUTE], [DAY + 59 * MINUTE, DAY]];
  for (const [ms, whole] of cases) assert.equal(clipped(ms), whole);
});
