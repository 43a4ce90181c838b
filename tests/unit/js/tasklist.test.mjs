// The rows of a watched list: what is new is counted, what no longer matches stays.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { fromParams } from "../../../static/js/filter.js";
import { countFresh, refreshPage } from "../../../static/js/tasklist.js";

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

const task = (id, status = "queued") => ({ id, status });
const filter = (text = "") => fromParams(new URLSearchParams(text));
const page = (...items) => ({ items, next: null, prev: null, complete: true, fresh: 0 });

function serve(list, single = {}) {
  globalThis.fetch = async (url) => {
    const { pathname } = new URL(url, "http://here");
    const id = pathname.split("/").at(-1);
    if (id === "tasks") return Response.json({ items: list, next: "n", prev: null, complete: true });
    return single[id] ? Response.json(single[id]) : Response.json({ code: "not_found" }, { status: 404 });
  };
}

test("rows are changed in place, new ones only counted", async () => {
  serve([task("d"), task("c"), task("b", "delivered"), task("a")]);
  const after = await refreshPage(page(task("b"), task("a")), filter());
  assert.deepEqual(after.items, [task("b", "delivered"), task("a")]);
  assert.equal(after.fresh, 2);
});

test("a row that no longer matches stays, and is marked", async () => {
  serve([task("a")], { b: task("b", "delivered") });
  const after = await refreshPage(page(task("b"), task("a")), filter("group=in_progress"));
  assert.deepEqual(after.items, [{ ...task("b", "delivered"), gone: true }, task("a")]);
});

test("a row that is missing where the answer would have it no longer matches, whatever its status", async () => {
  serve([task("c", "failed"), task("a", "failed")], { b: task("b", "failed"), 0: task("0", "failed") });
  const shown = page(task("c", "failed"), task("b", "failed"), task("a", "failed"), task("0", "failed"));
  const { items } = await refreshPage(shown, filter("code=500"));
  assert.deepEqual(items.map(({ id, gone }) => [id, gone ?? false]),
    [["c", false], ["b", true], ["a", false], ["0", false]]); // what is older than the answer may still match
});

test("the oldest first: nothing new is announced, as it comes last", async () => {
  serve([task("a"), task("b"), task("c")]);
  const after = await refreshPage(page(task("a"), task("b")), filter("order=oldest"));
  assert.equal(after.fresh, 0);
});

test("a row pushed out by new ones is asked for by itself; one that was removed stays as it was", async () => {
  serve([task("d"), task("c")], { b: task("b", "sending") });
  const after = await refreshPage(page(task("b"), task("a")), filter());
  assert.deepEqual(after.items, [task("b", "sending"), task("a")]);
  assert.equal(after.fresh, 2);
});

test("an empty list takes what comes, as nothing can move", async () => {
  serve([task("a")]);
  const after = await refreshPage(page(), filter());
  assert.deepEqual([after.items, after.fresh], [[task("a")], 0]);
});

test("on a further page nothing is announced", async () => {
  serve([task("b"), task("a")]);
  assert.equal((await refreshPage(page(task("a")), filter("cursor=x"))).fresh, 0);
});

test("what is older than all rows is not new", () => {
  assert.equal(countFresh([task("a")], [task("b")]), 0);
  assert.equal(countFresh([], [task("b")]), 0);
});
