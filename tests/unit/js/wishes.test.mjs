// What the stream is asked to tell, as a query.
import assert from "node:assert/strict";
import { test } from "node:test";

import { address } from "../../../static/js/api.js";
import { queryOf } from "../../../static/js/wishes.js";

const ids = Array.from({ length: 200 }, (_, n) => `01890000-0000-7000-8000-${String(n).padStart(12, "0")}`);
const addressOf = (wish) => address("/events", queryOf(wish));
const tasksOf = (query) => new URLSearchParams(query).get("task")?.split(",") ?? [];

test("the figures and bulk operations are asked for always, and each topic once", () => {
  assert.equal(addressOf({}), "/api/v1/events?topics=stats,bulk");
  assert.equal(addressOf({ topics: ["stats", "list"], filter: { status: "failed" } }),
    "/api/v1/events?status=failed&topics=stats,bulk,list");
});

test("all rows of the longest page fit into an address that servers read", () => {
  const wish = { topics: ["destinations", "list"], tasks: ids, filter: { event: "order.paid".repeat(50) } };
  assert.ok(addressOf(wish).length < 8_000, String(addressOf(wish).length));
  assert.deepEqual(tasksOf(queryOf(wish)), ids.map((id) => id.replaceAll("-", "")));
});

test("beside a long filter there is room for the first rows, or for none", () => {
  const filter = (length) => ({ q: "a".repeat(length) });
  const wish = { tasks: ids, filter: filter(4_000) };
  assert.ok(addressOf(wish).length <= 7_530, String(addressOf(wish).length));
  assert.equal(tasksOf(queryOf(wish)).length, 105);
  assert.deepEqual(tasksOf(queryOf({ tasks: ids, filter: filter(9_000) })), []);
});
