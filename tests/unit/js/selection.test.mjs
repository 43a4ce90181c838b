// Which tasks are chosen: one by one, by range, by page, or all that match.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  everything, extent, has, keep, MOST_CHOSEN, nothing, recall, statusesOf, toggle, togglePage,
} from "../../../static/js/selection.js";

const items = [..."abcdef"].map((id) => ({ id, status: "failed" }));
const ids = ({ tasks }) => [...tasks.keys()].sort().join("");
const press = (selection, id, range = false) => toggle(selection, items, id, range);

test("a press chooses a row, another one leaves it", () => {
  const one = press(nothing(), "b");
  assert.equal(ids(one), "b");
  assert.equal(ids(press(one, "b")), "");
  assert.equal(ids(nothing()), "");
});

test("with shift the whole range follows, in either direction", () => {
  assert.equal(ids(press(press(nothing(), "b"), "e", true)), "bcde");
  assert.equal(ids(press(press(nothing(), "e"), "b", true)), "bcde");
  assert.equal(ids(press(press(press(nothing(), "a"), "e", true), "c", true)), "ab"); // leaving goes by range too
});

test("a range from a row of another page is the row alone", () => {
  const elsewhere = toggle(nothing(), [{ id: "x" }], "x", false);
  assert.equal(ids(press(elsewhere, "c", true)), "cx");
});

test("a page is chosen and left as a whole, other pages stay", () => {
  const elsewhere = toggle(nothing(), [{ id: "x" }], "x", false);
  const page = togglePage(elsewhere, items);
  assert.equal(ids(page), "abcdefx");
  assert.equal(ids(togglePage(page, items)), "x");
  assert.deepEqual([nothing(), press(nothing(), "a"), page].map((each) => extent(each, items)), ["none", "some", "all"]);
});

test("all that match: every row is chosen; leaving one keeps the others of the page", () => {
  assert.equal(has(everything(), "anything"), true);
  const after = press(everything(), "b");
  assert.deepEqual([after.all, ids(after)], [false, "acdef"]);
  assert.equal(ids(togglePage(everything(), items)), "");
});

test("no more are chosen by their ids than an operation takes", () => {
  const many = Array.from({ length: MOST_CHOSEN + 5 }, (_, id) => ({ id: String(id) }));
  assert.equal(togglePage(nothing(), many).tasks.size, MOST_CHOSEN);
});

test("what is shown counts as it is now, what is not as it was when it was chosen", () => {
  const chosen = togglePage(nothing(), [{ id: "a", status: "failed" }, { id: "x", status: "queued" }]);
  assert.deepEqual(statusesOf(chosen, [{ id: "a", status: "sending" }, { id: "b", status: "cancelled" }]),
    ["sending", "queued"]);
});

test("a selection is found again on the way back alone", () => {
  const chosen = press(nothing(), "a");
  keep("status=failed", chosen);
  assert.equal(recall("status=failed", true), chosen);
  assert.equal(ids(recall("status=failed", false)), "");
  assert.equal(ids(recall("", true)), "");
});
