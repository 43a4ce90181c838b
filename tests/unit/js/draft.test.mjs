// A task being written: the JSON text it becomes, and what the page can tell to be wrong.
import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyDraft, faultsAt, faultsElsewhere, faultsOfDraft, faultsUnder, isChanged, toBody }
  from "../../../static/js/draft.js";
import { idempotency } from "../../../static/js/idempotency.js";

const draft = (part) => ({ ...emptyDraft(), url: "https://a.example/", ...part });
const pair = (id, name, value) => ({ id, name, value });

test("a JSON payload goes out character by character", () => {
  const json = '{"id": 9007199254740993, "price":1.0, "x":"\\u0041"}';
  assert.ok(toBody(draft({ json: ` ${json}\n` })).endsWith(`,"payload":${json}}`));
});

test("text goes as body, none as nothing", () => {
  assert.deepEqual(JSON.parse(toBody(draft({ kind: "text", text: "a\n" }))), { method: "POST", url: "https://a.example/",
    body: "a\n" });
  assert.deepEqual(Object.keys(JSON.parse(toBody(draft({ kind: "none", json: "1" })))), ["method", "url"]);
});

test("only what was filled in is sent", () => {
  const body = JSON.parse(toBody(draft({ event: " a ", max_attempts: "3", labels: [pair(1, "x", "1"), pair(2, "", "")],
    headers: [] })));
  assert.deepEqual(body, { method: "POST", url: "https://a.example/", event: "a", max_attempts: 3, labels: { x: "1" } });
});

test("what is no number is left for the server to refuse", () => {
  assert.equal(JSON.parse(toBody(draft({ max_attempts: "many" }))).max_attempts, "many");
});

test("broken JSON and a name given twice are found here", () => {
  const faults = faultsOfDraft(draft({ json: "{", headers: [pair(1, "a/b", "1"), pair(2, "a/b", "2")] }));
  assert.deepEqual(faults.map(({ pointer, code }) => [pointer, code]), [["/payload", "json_incomplete"],
    ["/headers/a~1b", "name_twice"]]);
  assert.deepEqual(faultsOfDraft(draft({ json: "", kind: "json" })), []);
});

test("a fault belongs to the field that its pointer names", () => {
  const faults = [{ pointer: "/url" }, { pointer: "/headers/X~1Y" }, { pointer: "/headers" }, { pointer: "/nowhere" },
    { pointer: "/labels/gone" }];
  assert.deepEqual(faultsAt(faults, "url"), [faults[0]]);
  assert.deepEqual(faultsAt(faults, "headers", "X/Y"), [faults[1]]);
  assert.deepEqual(faultsElsewhere(faults, draft({ headers: [pair(1, "X/Y", "1")] })), [faults[3], faults[4]]);
});

test("times, waits, a callback and a file go out in the form of the call", () => {
  const body = JSON.parse(toBody(draft({ kind: "file", file: { name: "f", size: 2, type: "", base64: "AAE=" },
    waits: "5s, 300 1h", timeout: "500ms", ttl: "2d", deliver_at: "2026-01-31T12:00:05", callback: " http://c.example/ ",
    order_key: "k", content_type: "image/png" })));
  const { deliver_at: at, ...rest } = body;
  assert.equal(Date.parse(at), new Date(2026, 0, 31, 12, 0, 5).getTime());
  assert.deepEqual(rest, { method: "POST", url: "https://a.example/", order_key: "k", content_type: "image/png",
    ttl: "2d", body_base64: "AAE=", timeout: "500ms", retry: { schedule: ["5s", 300, "1h"] },
    callback: { url: "http://c.example/" } });
});

test("faults inside of a field that is written as a whole stand at that field", () => {
  const faults = [{ pointer: "/retry/schedule/0" }, { pointer: "/callback/url" }, { pointer: "/retrying" }];
  assert.deepEqual(faultsUnder(faults, "retry"), [faults[0]]);
  assert.deepEqual(faultsElsewhere(faults, draft({})), [faults[2]]);
});

test("one key for the same request until it was answered, another for another", () => {
  const { keyFor, used } = idempotency();
  const first = keyFor("a");
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.equal(keyFor("a"), first);
  assert.notEqual(keyFor("b"), first);
  const second = keyFor("a");
  used();
  assert.notEqual(keyFor("a"), second);
});

test("a draft is changed once something is in it", () => {
  assert.equal(isChanged(emptyDraft()), false);
  assert.equal(isChanged({ ...emptyDraft(), method: "PUT" }), false);
  assert.equal(isChanged(draft({})), true);
});
