// An edit of a task: what differs, the patch that says so, two versions laid over each other; bytes one by one.
import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf, near } from "../../../static/js/diff.js";
import { hexLines } from "../../../static/js/hex.js";
import { changesOf, over, patchOf, revisionOf, without } from "../../../static/js/revision.js";

process.env.TZ = "Europe/Moscow";
const TASK = { url: "http://a.example/", event: null, max_attempts: 10, deliver_at: "2026-01-31T12:00:00.500Z",
  headers: [["X-A", "1"], ["Authorization", "***"]] };
const BODY = '{"id": 9007199254740993, "price": 1.0}';
const base = revisionOf(TASK, BODY);
const edited = (part) => ({ ...base, ...part });
const patch = (part, json = true) => patchOf(changesOf(base, edited(part)), json);

test("what is not touched is no change, and an empty patch", () => {
  assert.deepEqual(changesOf(base, revisionOf(TASK, BODY)), []);
  assert.equal(patch({}), "{}");
});

test("a JSON body goes into the patch character by character", () => {
  const body = BODY.replace("1.0", "2.0");
  assert.equal(patch({ body }), `{"payload":${body}}`);
  assert.equal(patch({ body, event: "e" }), `{"event":"e","payload":${body}}`);
  assert.equal(patch({ body: "" }), '{"payload":null}');
});

test("another body goes as text", () => {
  assert.equal(patch({ body: "a\n\"b\"" }, false), JSON.stringify({ body: "a\n\"b\"" }));
});

test("fields of their types, headers one by one, null for what is taken away", () => {
  const headers = [{ id: 0, name: "X-A", value: "2" }, { id: 2, name: "X-B", value: "3" }];
  assert.deepEqual(JSON.parse(patch({ max_attempts: "5", headers })),
    { max_attempts: 5, headers: { "X-A": "2", "X-B": "3", Authorization: null } });
  assert.deepEqual(JSON.parse(patch({ max_attempts: "many" })), { max_attempts: "many" });
});

test("a time is the reader's, and goes out as an instant", () => {
  assert.equal(base.deliver_at, "2026-01-31T15:00:00");
  assert.deepEqual(JSON.parse(patch({ deliver_at: "2026-02-01T00:00" })), { deliver_at: "2026-01-31T21:00:00.000Z" });
  assert.deepEqual(JSON.parse(patch({ deliver_at: "" })), { deliver_at: null });
});

test("mine over theirs: what I did not touch is theirs, what both touched is mine", () => {
  const mine = edited({ url: "http://mine.example/", headers: [{ id: 0, name: "X-A", value: "mine" }] });
  const theirs = revisionOf({ ...TASK, url: "http://theirs.example/", max_attempts: 3,
    headers: [["X-A", "1"], ["Authorization", "***"], ["X-New", "n"]] }, BODY);
  const both = over(base, mine, theirs);
  assert.equal(both.url, "http://mine.example/");
  assert.equal(both.max_attempts, "3");
  assert.deepEqual(both.headers.map(({ name, value }) => [name, value]), [["X-A", "mine"], ["X-New", "n"]]);
  assert.deepEqual(changesOf(theirs, both).map(({ field, name }) => name ?? field), ["url", "X-A", "Authorization"]);
});

test("one change is taken back", () => {
  const mine = edited({ url: "http://mine.example/", headers: [{ id: 0, name: "X-B", value: "2" }] });
  let left = mine;
  for (const change of changesOf(base, mine)) left = without(left, change);
  assert.deepEqual(changesOf(base, left), []);
});

test("lines that differ, between those that do not", () => {
  const marks = (lines) => lines.map(({ kind, text, count }) => `${kind} ${text ?? count}`);
  assert.deepEqual(marks(linesOf("a\nb\nc", "a\nx\nc\nd")), ["same a", "gone b", "new x", "same c", "new d"]);
  assert.deepEqual(marks(linesOf("a", "a")), ["same a"]);
  const long = linesOf("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\nx");
  assert.deepEqual(marks(near(long)), ["fold 3", "same 4", "same 5", "gone 6", "new x"]);
});

test("texts of very many lines are compared in no time", () => {
  const lines = (mark) => Array.from({ length: 20_000 }, (_, n) => `${mark}${n}`).join("\n");
  assert.equal(linesOf(lines("a"), lines("b")).length, 40_000);
});

test("bytes one by one: offset, values, characters", () => {
  assert.deepEqual(hexLines(new TextEncoder().encode("0123456789abcdef\n\u0416")), [
    "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef",
    `${"00000010  0a d0 96".padEnd(60)}...`,
  ]);
  assert.deepEqual(hexLines(new Uint8Array()), []);
});
