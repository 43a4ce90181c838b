// Paths and the screens they stand for.
import assert from "node:assert/strict";
import { test } from "node:test";

import { href, match, pathOf, startRouter } from "../../../static/js/router.js";

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

// A browser's history with one document; `at` is where it stands.
function browse(states, at) {
  const heard = {};
  const dialogs = [];
  const listens = (kind, run) => { heard[kind] = run; };
  const shown = [];
  Object.assign(globalThis, {
    location: { pathname: "/", search: "", href: "http://service/" },
    document: { activeElement: null, addEventListener: listens, querySelectorAll: () => dialogs.splice(0) },
    addEventListener: listens,
    scrollY: 0,
    history: {
      get state() { return states[at]; },
      replaceState: (state) => { states[at] = state; },
      pushState: (state) => { states = [...states.slice(0, (at += 1)), state]; },
    },
  });
  const router = startRouter("", (route, kept) => shown.push(kept), () => {});
  const travel = (by) => heard.popstate({ state: states[(at += by)] });
  return { router, travel, shown, dialogs, states: () => states };
}

test("on the way back one gets what was kept of that entry, after the page was loaded anew too", () => {
  const { router, travel, shown, states } = browse([{ entry: 0 }, { entry: 1 }, { entry: 2, anew: true }], 2);
  assert.deepEqual(states()[2], { entry: 2, anew: true });
  globalThis.scrollY = 20;
  router.go("/tasks");
  assert.deepEqual(states().map(({ entry }) => entry), [0, 1, 2, 3]);
  travel(-1);
  assert.equal(shown.at(-1).scroll, 20);
  travel(-1);
  assert.equal(shown.at(-1), null); // nothing is known of it
  globalThis.scrollY = 10;
  router.go("/new");
  assert.deepEqual(states().map(({ entry }) => entry), [0, 1, 2]);
  travel(-1);
  assert.equal(shown.at(-1).scroll, 10);
});

test("of a long visit the last hundred entries are kept", () => {
  const { router, travel, shown } = browse([null], 0);
  for (let count = 0; count < 150; count += 1) router.go("/tasks");
  travel(-99);
  assert.notEqual(shown.at(-1), null);
  travel(-2);
  assert.equal(shown.at(-1), null);
});

test("what asks something on a screen is closed on the way to another", () => {
  const { travel, router, dialogs } = browse([null], 0);
  router.go("/tasks");
  let closed = 0;
  dialogs.push({ close: () => { closed += 1; } });
  travel(-1);
  assert.equal(closed, 1);
});
