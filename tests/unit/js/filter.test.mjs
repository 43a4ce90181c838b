// The filter of the list, the text of the filter box and the URL are writings of one thing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";

import {
  chips, conditions, format, fromJson, fromParams, isNarrowed, isReadable, matchesStatus, parse, toParams,
  withConditions, withTerm,
} from "../../../static/js/filter.js";
import { having } from "../../../static/js/having.js";
import { read as readText, writeText } from "../../../static/js/language.js";

const read = (text) => fromParams(new URLSearchParams(text));
const write = (filter) => toParams(filter).toString();
const vectors = JSON.parse(readFileSync(new URL("../../vectors/filter.json", import.meta.url), "utf8"));

process.env.TZ = "UTC"; // as the service reads days
afterEach(() => {
  process.env.TZ = "UTC";
});

for (const { text, terms, words } of vectors.parse) {
  test(`it is read as the service reads it: ${text}`, () => {
    const parts = readText(text);
    assert.deepEqual(parts.flatMap(({ faults }) => faults), []);
    assert.deepEqual(parts.filter(({ pairs }) => pairs).map(({ pairs }) => pairs), terms);
    assert.deepEqual(parts.map(({ free }) => free).filter((free) => free !== null), words);
  });
}

for (const { text, faults } of vectors.faults) {
  test(`what is wrong is found where the service finds it: ${text}`, () => {
    const found = readText(text).flatMap((part) => part.faults);
    assert.deepEqual(found.map(({ max, ...fault }) => fault), faults);
  });
}

for (const { pairs, words, text } of vectors.format) {
  test(`it is written as the service writes it: ${text}`, () => {
    const { terms } = fromParams(new URLSearchParams(pairs));
    const { rest } = parse(words.map((word) => `"${word.replace(/["\\]/g, "\\$&")}"`).join(" "));
    assert.equal(format({ terms, rest }), text);
  });
}

test("parameters mean what the API's examples say", () => {
  for (const { params, terms, text } of vectors.params) {
    assert.deepEqual(read(params).terms, terms);
    assert.equal(write({ ...read(""), terms }), params);
    assert.equal(format(read(params)), text);
    assert.deepEqual(parse(text).terms, terms);
  }
});

test("a filter survives the way into the URL and back", () => {
  for (const text of [
    "",
    "group=failed",
    "status=queued%2Cretrying&destination=https%3A%2F%2Fbilling.internal%3A8443",
    "event=order.paid&code=5xx&label.tenant=acme&limit=100&cursor=abc",
    "created_from=-24h&attempts_from=3&order=oldest",
    "status=failed&q=acme+%22free+text%22",
  ]) {
    assert.equal(write(read(text)), text);
  }
});

test("what parameters can't say goes into q, and comes back", () => {
  for (const [text, url] of [
    ["event:a event:b", "event=a&q=event%3Ab"],
    ['event:"a,b"', "q=event%3A%22a%2Cb%22"],
    ['event:" a"', "q=event%3A%22+a%22"],
    ["created:>-24h created:<-1h", "created_from=-24h&created_to=-1h"],
    ["created:>-24h created:>-1h", "created_from=-24h&q=created%3A%3E%3D-1h"],
    ["10:30 x", "q=10%3A30+x"],
  ]) {
    assert.equal(write({ ...read(""), ...parse(text) }), url);
    assert.equal(write(read(url)), url);
  }
  assert.deepEqual(read("q=status%3Afailed+x"), { ...read("status=failed"), rest: ["x"] });
});

test("days are the reader's days, also where a clock is changed", () => {
  process.env.TZ = "Europe/Berlin";
  const { terms } = parse("created:2026-10-25");
  assert.deepEqual(terms, { created_from: ["2026-10-24T22:00:00Z"], created_to: ["2026-10-25T23:00:00Z"] });
  assert.equal(format({ terms, rest: [] }), "created:2026-10-25");
  assert.deepEqual(parse("created:<2026-11-24T10:30").terms, { created_to: ["2026-11-24T09:30:00Z"] });
  assert.equal(write({ ...read(""), ...parse("due:<2026-11-24 due:<2026-11-25") }),
    "due_before=2026-11-23T23%3A00%3A00Z&q=due%3A%3C2026-11-24T23%3A00%3A00Z");
});

test("a part with a fault stays as it is", () => {
  const { terms, rest, parts } = parse('status:failed stauts:x "a b" event:"');
  assert.deepEqual([terms, rest], [{ status: ["failed"] }, ["stauts:x", '"a b"', 'event:"']]);
  assert.deepEqual(parts.map(({ text }) => text), ["status:failed", "stauts:x", '"a b"', 'event:"']);
});

test("what can't be read is neither dropped nor asked as if it were not there", () => {
  for (const text of ["billing.internal:8443", "foo:bar x", 'a"b', "-status:failed", '"unclosed', "code:"]) {
    const filter = read(new URLSearchParams({ q: text }).toString());
    assert.equal(chips(filter).join(" "), text);
    assert.deepEqual([isReadable(filter), isNarrowed(filter)], [false, true]);
    assert.equal(conditions(filter).get("q"), text);
  }
  assert.equal(isReadable(read("status=failed&q=x+%22a+b%22+event%3A%22a%2Cb%22")), true);
});

test("a text from elsewhere is a filter where it can be read, else free text", () => {
  for (const [text, written] of [
    ["billing.internal:8443", '"billing.internal:8443"'],
    ["foo:bar  x", '"foo:bar" x'],
    ['a"b', '"a\\"b"'],
    ["-status:failed", '"-status:failed"'],
    ['"unclosed \\ x', '"\\"unclosed \\\\ x"'],
    ['status:failed "a b" 10:30', 'status:failed "a b" 10:30'],
    ["", ""],
  ]) {
    assert.equal(writeText(text), written);
    assert.equal(isReadable(parse(written)), true);
  }
});

test("each term is a chip, in an order of its own", () => {
  const filter = read("label.b=1&created_to=-1h&q=x&status=failed&created_from=-2h&label.a=2");
  assert.deepEqual(chips(filter), ["status:failed", "created:-2h..-1h", "label.a:2", "label.b:1", "x"]);
});

test("the order in the URL is always the same", () => {
  assert.equal(write(read("label.b=1&limit=25&status=failed&group=failed&label.a=2")),
    "group=failed&status=failed&label.a=2&label.b=1&limit=25");
});

test("values may be repeated or joined by commas", () => {
  assert.deepEqual(read("status=queued,sending&status=sending&status=retrying").terms,
    { status: ["queued", "sending", "retrying"] });
});

test("what is no field, or empty, is left out", () => {
  assert.deepEqual(read("lang=ru&status=&label.=x&utm_source=mail&__proto__=x&created=1"),
    { terms: {}, rest: [], cursor: null, limit: 50, oldest: false });
});

test("only the offered page sizes are taken", () => {
  for (const text of ["limit=7", "limit=-1", "limit=abc", "limit=1e9"]) assert.equal(read(text).limit, 50);
  assert.equal(read("limit=200").limit, 200);
});

test("a changed term begins the list anew, the page size stays", () => {
  const filter = read("status=failed&q=x&limit=25&cursor=abc");
  assert.equal(write(withTerm(filter, "event", ["a"])), "status=failed&event=a&q=x&limit=25");
  assert.equal(write(withTerm(filter, "status", [])), "q=x&limit=25");
  assert.equal(write(withConditions(filter)), "limit=25");
  assert.equal(write(withConditions(filter, parse("event:b"))), "event=b&limit=25");
  assert.equal(conditions(filter).toString(), "status=failed&q=x");
  assert.equal(write(filter), "status=failed&q=x&limit=25&cursor=abc");
});

test("groups and statuses have counts of their own, other conditions have to be counted", () => {
  assert.deepEqual(["group=failed&status=failed", "method=PUT", "q=x"].map((text) => isNarrowed(read(text))),
    [false, true, true]);
});

test("the filter of a bulk operation is read in each of its forms", () => {
  const given = { status: ["failed", "queued"], label: { tenant: "acme" }, attempts_from: 3, held: true, q: "x" };
  assert.equal(format(fromJson(given)), "status:failed,queued held:true attempts:>=3 label.tenant:acme x");
  assert.equal(format(fromJson({ event: "a,b" })), "event:a,b");
});

test("a value is looked for as it is", () => {
  const found = (values) => format(fromParams(new URLSearchParams(having(values))));
  assert.equal(found({ source: "shop", order_key: "7" }), "source:shop order_key:7");
  assert.equal(found({ source: "shop", order_key: "a,b" }), 'source:shop order_key:"a,b"');
  assert.equal(found({ "label.a b": "x", event: " a" }), 'label."a b":x event:" a"');
  assert.equal(found({ "label.a b": '",\\', event: "a,b" }), 'label."a b":"\\",\\\\" event:"a,b"');
});

test("a status matches by itself and by its group", () => {
  const groupOf = (status) => (status === "failed" ? "failed" : "in_progress");
  assert.equal(matchesStatus(read(""), "failed", groupOf), true);
  assert.equal(matchesStatus(read("group=in_progress"), "queued", groupOf), true);
  assert.equal(matchesStatus(read("group=in_progress"), "failed", groupOf), false);
  assert.equal(matchesStatus(read("group=in_progress&status=retrying"), "queued", groupOf), false);
});
