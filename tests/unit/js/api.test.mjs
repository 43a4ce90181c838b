// Every failure of a call becomes one kind of error with a machine word.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { address, ApiError, failureOf, get, getBytes, post, problemOf, useApi, wasLeft } from "../../../static/js/api.js";

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
  useApi("");
});

const problem = (status, document, headers = {}) => new Response(JSON.stringify(document), { status, headers });

test("a problem document keeps its word, faults and request id", async () => {
  const errors = [{ pointer: "/url", code: "url_form", message: "…", params: {} }];
  const error = await problemOf(problem(422, { code: "invalid", detail: "d", params: { a: 1 }, request_id: "r1", errors }));
  assert.ok(error instanceof ApiError);
  assert.deepEqual({ ...error }, { name: "ApiError", status: 422, code: "invalid", detail: "d", params: { a: 1 }, errors,
    requestId: "r1", retryAfter: null });
});

test("429 and 503 say when to try again", async () => {
  const error = await problemOf(problem(503, { code: "disk_full" }, { "Retry-After": "5" }));
  assert.equal(error.retryAfter, 5);
});

test("an answer of something in between has a word and the request id of its header", async () => {
  const page = new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "X-Request-Id": "r2" } });
  const error = await problemOf(page);
  assert.deepEqual([error.code, error.status, error.requestId, error.errors], ["http_502", 502, "r2", []]);
  assert.equal((await problemOf(problem(500, null))).code, "http_500");
  assert.equal((await problemOf(problem(500, { code: 7, errors: "x" }))).code, "http_500");
});

test("no answer and no way to the service are told apart", () => {
  assert.equal(failureOf(new TypeError("failed to fetch")).code, "network");
  assert.equal(failureOf(new DOMException("", "TimeoutError")).code, "no_answer");
});

test("a call that the page itself gave up is no failure of the service", async () => {
  const leaving = new AbortController();
  globalThis.fetch = (_, { signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  const call = get("/tasks", { signal: leaving.signal });
  leaving.abort();
  await assert.rejects(call, wasLeft);
});

test("an answer that breaks off is a failure of the network", async () => {
  globalThis.fetch = async () => new Response('{"items":', { status: 200 });
  await assert.rejects(get("/tasks"), (error) => error instanceof ApiError && error.code === "network");
});

test("calls go to the service's own place, with the query", async () => {
  useApi("/okydrom");
  const asked = [];
  globalThis.fetch = async (url, { method, headers, body }) => {
    asked.push([method, url, headers["If-Match"], headers["Content-Type"], body]);
    return new Response("{}");
  };
  await get("/tasks", { query: { status: "failed", limit: 50 } });
  await post("/tasks/1/retry", { version: 3 });
  await post("/tasks", { body: '{"payload":1.0}' });
  assert.deepEqual(asked, [
    ["GET", "/okydrom/api/v1/tasks?status=failed&limit=50", undefined, undefined, undefined],
    ["POST", "/okydrom/api/v1/tasks/1/retry", '"3"', undefined, undefined],
    ["POST", "/okydrom/api/v1/tasks", undefined, "application/json", '{"payload":1.0}'],
  ]);
  assert.equal(address("/tasks/1/body"), "/okydrom/api/v1/tasks/1/body");
});

test("of bytes no more than asked for are kept, though the server may send all", async () => {
  globalThis.fetch = async (_, { headers }) => {
    assert.equal(headers.Range, "bytes=0-3");
    return new Response(new Uint8Array(10));
  };
  assert.equal((await getBytes("/tasks/1/body", { limit: 4 })).length, 4);
});
