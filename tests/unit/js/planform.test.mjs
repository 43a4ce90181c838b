// What an action on many tasks is asked beside which: as a request, and what it makes of a URL.
import assert from "node:assert/strict";
import { test } from "node:test";

import { firstOf, isFilled, rebased, requestOf } from "../../../static/js/planform.js";

test("an edit begins with the place that one of its tasks is sent to", () => {
  assert.deepEqual(firstOf("edit", "https://a.example:8443/v1/x?k=***"), { from: "https://a.example:8443", to: "",
    rate: "" });
  assert.equal(firstOf("edit", undefined).from, "");
  assert.equal(firstOf("retry", "https://a.example/"), null);
});

test("only what was filled in is asked for", () => {
  assert.deepEqual(requestOf("edit", { from: " http://a ", to: "http://b/v2" }), { rebase: { from: "http://a",
    to: "http://b/v2" } });
  assert.equal(isFilled("edit", { from: "http://a", to: " " }), false);
  assert.deepEqual(requestOf("resend", { rate: "" }), {});
  assert.deepEqual(requestOf("resend", { rate: "20,5" }), { rate: 20.5 });
  assert.deepEqual(requestOf("resend", { rate: "fast" }), { rate: "fast" }); // for the service to refuse
  assert.deepEqual(requestOf("retry", null), {});
});

test("a URL gets another beginning where whole hosts and parts of paths are met, as the service has it", () => {
  const change = { from: "http://a/v1", to: "http://b" };
  assert.equal(rebased("http://a/v1/x?k=1", change), "http://b/x?k=1");
  assert.equal(rebased("http://a/v1", change), "http://b");
  assert.equal(rebased("http://a/v1?k=1", change), "http://b?k=1");
  assert.equal(rebased("http://a/v10", change), null);
  assert.equal(rebased("http://a/v10", { from: "http://a/", to: "http://b/" }), "http://b/v10");
  assert.equal(rebased("http://a/v1", { from: "", to: "http://b" }), null);
});
