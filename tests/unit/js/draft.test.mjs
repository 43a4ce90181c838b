// A task being written: the JSON text it becomes and is read from, and what the page can tell to be wrong.
import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyDraft, faultOfRequest, faultsAt, faultsElsewhere, faultsOfDraft, faultsUnder, isChanged, ofKind, withFile }
  from "../../../static/js/draft.js";
import { idempotency } from "../../../static/js/idempotency.js";
import { fromBody, settled, toBody } from "../../../static/js/request.js";

const draft = (part) => ({ ...emptyDraft(), url: "https://a.example/", ...part });
const pair = (id, name, value) => ({ id, name, value });

test("a JSON payload goes out character by character", () => {
  const json = '{"id": 9007199254740993, "price":1.0, "x":"\\u0041"}';
  assert.ok(toBody(draft({ json: ` ${json}\n` })).endsWith(`,\n  "payload": ${json}\n}`));
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

test("what was typed as JSON is what is sent, until a field is changed", () => {
  const text = '{"url":"https://a.example/" ,"payload":{"id": 9007199254740993, "p":1.0},"delay":"5s","x":[1.0, 2]}';
  const read = fromBody(text, emptyDraft());
  assert.equal(toBody(read), text);
  assert.deepEqual([read.url, read.kind, read.json], ["https://a.example/", "json", '{"id": 9007199254740993, "p":1.0}']);
  assert.deepEqual(read.more, [["delay", '"5s"'], ["x", "[1.0, 2]"]]);
  assert.equal(toBody({ ...read, event: "e", written: null }), `{
  "method": "POST",
  "url": "https://a.example/",
  "event": "e",
  "payload": {"id": 9007199254740993, "p":1.0},
  "delay": "5s",
  "x": [1.0, 2]
}`);
});

test("every field of the form finds its way through JSON and back", () => {
  const full = draft({ kind: "text", text: "a\n\ud83d\ude00", waits: "5s, 300", timeout: "500ms", ttl: "2d",
    deliver_at: "2026-01-31T12:00:05", callback: "http://c.example/", order_key: "k", content_type: "text/xml",
    max_attempts: "7", event: "e", method: "PUT", labels: [pair(0, "b", "1"), pair(1, "a", "2")],
    headers: [pair(0, "X-A", "1")] });
  assert.deepEqual(fromBody(toBody(full), emptyDraft()), { ...full, written: toBody(full) });
});

test("what the form would write otherwise is kept as it is written", () => {
  for (const member of ['"retry": {"first": "5s", "factor": 2}', '"max_attempts": 3.0', '"timeout": 1e3', '"event": ""',
    '"event": " a"', '"labels": {"a": 1}', '"callback": {"url": "http://c.example/", "on": ["failed"]}', '"url": null',
    '"deliver_at": "2026-01-31T12:00:05.250Z"', '"deliver_at": "soon"', '"body": 1', '"retry": {"schedule": ["300"]}',
    '"labels": {"b": "x", "1": "y"}', '"callback": null', '"retry": null',
    '"deliver_at": "2026-13-01T00:00:00Z"', '"deliver_at": "2026-01-31T25:00:00Z"',
    '"deliver_at": "2026-01-31T24:00:00Z"',
    '"deliver_at": "2026-02-30T12:00:00Z"', '"deliver_at": "2026-01-31T12:00:00+99:00"', '"__proto__": "x"',
    '"deliver_at": "0000-01-01T00:00:00+23:00"', '"deliver_at": "9999-12-31T23:59:59-23:00"', '"valueOf": {}',
    '"__defineGetter__": 1', '"retry": {"schedule": [{"toString": 1}]}', '"headers": {"__proto__": 1}']) {
    const read = fromBody(`{"method": "POST",${member}}`, emptyDraft());
    assert.equal(toBody({ ...read, written: null }), `{\n  "method": "POST",\n  ${member}\n}`, member);
    assert.equal(read.more.length, 1, member);
  }
});

test("an instant with another offset is the same instant", () => {
  const read = fromBody('{"deliver_at": "2026-01-31T12:00:05+03:00"}', emptyDraft());
  assert.deepEqual(read.more, []);
  assert.equal(JSON.parse(toBody({ ...read, written: null })).deliver_at, "2026-01-31T09:00:05.000Z");
});

test("of two payloads one is shown, and both are sent", () => {
  const read = fromBody('{"body": "a", "payload": 1}', emptyDraft());
  assert.deepEqual([read.kind, read.text, read.more], ["text", "a", [["payload", "1"]]]);
});

test("a field that is filled in stands for what the JSON had in its place", () => {
  const read = fromBody('{"retry": {"first": "5s", "factor": 2}}', emptyDraft());
  assert.deepEqual(JSON.parse(toBody({ ...read, waits: "1h", written: null })).retry, { schedule: ["1h"] });
  assert.deepEqual(settled(read).more, read.more);
  assert.deepEqual(settled({ ...read, waits: "1h" }).more, []);
});

test("a file keeps its name, and what is not sent at present is kept", () => {
  const file = { name: "f", size: 2, type: "image/png", base64: "AAE=" };
  const read = fromBody('{"body_base64": "AAE="}', draft({ kind: "file", file, text: "t", json: "1" }));
  assert.deepEqual([read.file, read.text, read.json], [file, "t", "1"]);
  assert.equal(fromBody('{"url": "http://a/"}', draft({ kind: "text", text: "t" })).kind, "none");
  assert.equal(fromBody('{"url": "http://a/"}', draft({})).kind, "json");
});

test("the type of a file goes with it, one that was typed stays", () => {
  const [png, pdf] = ["image/png", "application/pdf"].map((type) => ({ name: "f", size: 2, type, base64: "AAE=" }));
  const first = withFile(draft({ kind: "file" }), png);
  assert.equal(first.content_type, "image/png");
  assert.equal(withFile(first, pdf).content_type, "application/pdf");
  assert.equal(withFile({ ...first, content_type: "x/y" }, pdf).content_type, "x/y");
  const json = ofKind(first, "json");
  assert.deepEqual([json.kind, json.content_type], ["json", ""]);
  assert.equal(ofKind(json, "file").content_type, "image/png");
  assert.equal(ofKind({ ...first, content_type: "x/y" }, "json").content_type, "x/y");
});

test("a member that is given twice can't be read", () => {
  const [fault] = faultsOfDraft(draft({ written: '{"url": "a", "labels": {"b": "1"}, "b": 1, "\\u0075rl": "c"}' }));
  assert.deepEqual([fault.pointer, fault.code, fault.params.name], ["", "json_name_twice", "url"]);
});

test("a request that can't be read is marked by line and column, and is all that is wrong", () => {
  assert.deepEqual(faultOfRequest('{\n  "url": 1,\n}').params, { code: "unexpected", line: 3, column: 1 });
  assert.equal(faultOfRequest("[]").code, "json_object");
  assert.equal(faultOfRequest('{"url": "x"}'), null);
  assert.deepEqual(faultsOfDraft(draft({ written: "", json: "{" })).map(({ code }) => code), ["json_incomplete"]);
});
