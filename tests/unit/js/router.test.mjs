// Paths and the screens they stand for.
import assert from "node:assert/strict";
import { test } from "node:test";

import { href, match, pathOf } from "../../../static/js/router.js";

test("every path has its screen", () => {
  const screens = {
    "/": "overview", "/tasks": "tasks", "/tasks/": "tasks", "/new": "composer", "/destinations": "destinations",
    "/methods": "methods", "/statuses": "statuses", "/parameters": "parameters",
  };
  for (const [path, name] of Object.entries(screens)) assert.deepEqual(match(path), { name, params: {} }, path);
});

test("a task's path carries its id, whatever is in it", () => {
  assert.deepEqual(match("/tasks/01a2"), { name: "task", params: { id: "01a2" } });
  assert.deepEqual(match("/tasks/a%2Fb"), { name: "task", params: { id: "a/b" } });
  assert.deepEqual(match("/tasks/%E0%A4%A"), { name: "task", params: { id: "%E0%A4%A" } });
  assert.equal(pathOf("task", { id: "a/b" }), "/tasks/a%2Fb");
});

test("an unknown path is known to be unknown", () => {
  for (const path of ["/nothing", "/tasks/1/2", "/Tasks"]) assert.equal(match(path).name, "absent", path);
});

test("addresses carry the query", () => {
  assert.equal(href("tasks", {}, { destination: "https://a:443", status: "failed" }),
    "/tasks?destination=https%3A%2F%2Fa%3A443&status=failed");
  assert.equal(href("task", { id: "x" }), "/tasks/x");
});
