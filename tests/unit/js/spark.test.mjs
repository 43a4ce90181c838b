// The line beside what a destination has been delivered.
import assert from "node:assert/strict";
import { test } from "node:test";

import { wholeMinutes } from "../../../static/js/spark.js";

test("whole minutes stand at the same place whatever is known of those before", () => {
  const full = Array.from({ length: 60 }, (_, minute) => minute);
  assert.deepEqual(wholeMinutes({ delivered: full }), full.slice(0, -1));
  const short = wholeMinutes({ delivered: [4, 2, 3, 1] });
  assert.equal(short.length, 59);
  assert.deepEqual(short.slice(-4), [null, 4, 2, 3]);
});

test("of two minutes, of one under way, and of a destination without attempts, nothing is drawn", () => {
  for (const series of [{ delivered: [5, 6, 7] }, { delivered: [7] }, null]) {
    assert.deepEqual(new Set(wholeMinutes(series)), new Set([null]));
  }
});
