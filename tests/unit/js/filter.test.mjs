// The filter of the list and the URL are two writings of one thing.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromParams, matchesStatus, otherTerms, toParams, withTerm, withoutTerms } from "../../../static/js/filter.js";

const read = (text) => fromParams(new URLSearchParams(text));
const write = (filter) => toParams(filter).toString();
const vectors = JSON.parse(readFileSync(new URL("../../vectors/filter.json", import.meta.url), "utf8"));

test("parameters mean what the API's examples say", () => {
  for (const { params, terms } of vectors.params) {
    assert.deepEqual(read(params).terms, terms);
    assert.equal(write({ ...read(""), terms }), params);
  }
});

test("a filter survives the way into the URL and back", () => {
  for (const text of [
    "",
    "group=failed",
    "status=queued%2Cretrying&destination=https%3A%2F%2Fbilling.internal%3A8443",
    "event=order.paid&code=5xx&label.tenant=acme&limit=100&cursor=abc",
    "created_from=-24h&attempts_from=3",
  ]) {
    assert.equal(write(read(text)), text);
  }
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
  assert.deepEqual(read("lang=ru&status=&label.=x&utm_source=mail&__proto__=x"),
    { terms: {}, cursor: null, limit: 50 });
});

test("only the offered page sizes are taken", () => {
  for (const text of ["limit=7", "limit=-1", "limit=abc", "limit=1e9"]) assert.equal(read(text).limit, 50);
  assert.equal(read("limit=200").limit, 200);
});

test("a changed term begins the list anew, the page size stays", () => {
  const filter = read("status=failed&cursor=abc&limit=25");
  assert.equal(write(withTerm(filter, "event", ["a"])), "status=failed&event=a&limit=25");
  assert.equal(write(withTerm(filter, "status", [])), "limit=25");
  assert.equal(write(withoutTerms(filter)), "limit=25");
  assert.equal(write(filter), "status=failed&limit=25&cursor=abc");
});

test("terms with controls of their own are told from the others", () => {
  assert.deepEqual(otherTerms(read("group=failed&status=failed&method=PUT&label.x=1")), [["method", ["PUT"]],
    ["label.x", ["1"]]]);
});

test("a status matches by itself and by its group", () => {
  const groupOf = (status) => (status === "failed" ? "failed" : "in_progress");
  assert.equal(matchesStatus(read(""), "failed", groupOf), true);
  assert.equal(matchesStatus(read("group=in_progress"), "queued", groupOf), true);
  assert.equal(matchesStatus(read("group=in_progress"), "failed", groupOf), false);
  assert.equal(matchesStatus(read("group=in_progress&status=retrying"), "queued", groupOf), false);
});
