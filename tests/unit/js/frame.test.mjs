// What the frame asks for is there for the screens as well.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import "./page.mjs";

let asked, broken;
const SAID = {
  "/api/v1/session": { auth: "none", allowed: ["read"], now: new Date().toISOString() },
  "/api/v1/statuses": { items: [{ status: "queued", count: 2 }, { status: "failed", count: 3 }] },
  "/api/v1/bulk?limit=25": { items: [] },
};
globalThis.fetch = async (url) => {
  asked.push(url);
  return broken.includes(url) ? new Response("{}", { status: 503 }) : Response.json(SAID[url]);
};
const { frame, keptCount, loadFrame } = await import("../../../static/js/frame.js");
const counted = () => asked.filter((url) => url === "/api/v1/statuses").length;

beforeEach(() => {
  [asked, broken] = [[], []];
});

test("a round counts the tasks once, whoever wants to know", async () => {
  const [whole, kept, again] = await Promise.all([loadFrame(), keptCount(), keptCount()]);
  assert.deepEqual([whole, kept, again, await keptCount(), counted()], [true, 5, 5, 5, 1]);
  assert.equal(frame.counts.failed, 3);
});

test("counts that could not be had are asked for when somebody wants them", async () => {
  broken = ["/api/v1/statuses"];
  assert.equal(await loadFrame(), false);
  broken = [];
  const before = counted();
  assert.deepEqual([await keptCount(), counted() - before], [5, 1]);
});
