// Events in the list of tasks: rows as they are told, and how many are new over breaks of the stream.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fromParams } from "../../../static/js/filter.js";
import { freshCount, patched } from "../../../static/js/tasklist.js";

const page = { items: [{ id: "b", status: "queued" }, { id: "a", status: "queued" }], next: null };

test("rows are changed in place, what is not on the page is left out, what does not match is marked", () => {
  const filter = fromParams(new URLSearchParams());
  const items = [{ id: "c", status: "queued" }, { id: "a", status: "failed" }, { id: "b", status: "delivered" }];
  assert.deepEqual(patched(page, { items, unmatched: ["b"] }, filter).items,
    [{ id: "b", status: "delivered", gone: true }, { id: "a", status: "failed" }]);
});

const shown = { anew: true, recount: false };
const asked = { anew: false, recount: false };

test("a stream counts what is new, and the list begins at nothing when it is shown anew", () => {
  const fresh = freshCount();
  fresh.loaded(0, shown);
  fresh.opened();
  fresh.told({ count: 3, exact: true });
  fresh.told({ count: 1000, exact: false });
  assert.deepEqual(fresh.now, { count: 1000, exact: false });
  fresh.loaded(0, shown);
  assert.deepEqual(fresh.now, { count: 0, exact: true });
  fresh.told({ count: 1, exact: true });
  assert.equal(fresh.now.count, 1);
});

test("a stream that goes on counts from where the last one ended, not twice what was asked for between", () => {
  const fresh = freshCount();
  fresh.loaded(0, shown);
  fresh.opened();
  fresh.told({ count: 3, exact: true });
  fresh.closed();
  fresh.loaded(5, asked);
  assert.equal(fresh.now.count, 5);
  fresh.opened();
  fresh.told({ count: 2, exact: true });
  assert.equal(fresh.now.count, 5);
});

test("a stream that has lost count goes on from what the list says", () => {
  const fresh = freshCount();
  fresh.loaded(0, shown);
  fresh.opened();
  fresh.told({ count: 3, exact: true });
  fresh.loaded(7, { anew: false, recount: true });
  fresh.told({ count: 1, exact: true });
  assert.equal(fresh.now.count, 8);
});
