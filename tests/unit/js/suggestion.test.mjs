// What can stand next in the filter box, and what was probably meant.
import assert from "node:assert/strict";
import { test } from "node:test";

import { read } from "../../../static/js/language.js";
import { nearest } from "../../../static/js/nearest.js";
import { beginning, faultOf, options, typing } from "../../../static/js/suggestion.js";

const offered = (text) => options(typing(text));
const fault = (text) => faultOf(read(text)[0]);

test("words first, then their values, the last one after a comma", () => {
  assert.deepEqual(offered("st"), ["status:"]);
  assert.ok(offered("").includes("label."));
  assert.deepEqual(offered("status:"), ["queued", "sending", "retrying", "delivered", "failed", "cancelled"]);
  assert.deepEqual(offered("status:fa"), ["failed"]);
  assert.deepEqual(typing("status:failed,re"), { head: "status:failed,", word: "status", prefix: "re" });
  assert.deepEqual(offered("created:"), [">-1h", ">-24h", ">-7d"]);
  assert.deepEqual(offered("nothing like it"), []);
});

test("values that only the service knows are left to it", () => {
  assert.equal(offered("event:or"), null);
  assert.deepEqual(typing('label.tenant:"ac'), { head: "label.tenant:", word: "label.tenant", prefix: "ac" });
  assert.deepEqual(typing("destination:https://bil"), { head: "destination:", word: "destination",
    prefix: "https://bil" });
});

test("what is finished is not offered again", () => {
  assert.deepEqual(offered("status:failed"), []);
});

test("a value that can't be is a fault, with what was meant where that is known", () => {
  assert.deepEqual(fault("status:faild"), { code: "unknown_value", wrong: "faild", suggestion: "failed" });
  assert.deepEqual(fault("error:timeuot,dns"), { code: "unknown_value", wrong: "timeuot", suggestion: "timeout" });
  assert.equal(fault("code:50").code, "unknown_value");
  assert.equal(fault("destination:billing").code, "unknown_value");
  assert.equal(fault("parent:x").code, "unknown_value");
  for (const text of ["code:503,5xx", "status:failed", "event:anything", "destination:https://a:1", "free"]) {
    assert.equal(fault(text), null, text);
  }
});

test("a bound that can't be read is a fault of its own: not all values are times", () => {
  assert.equal(fault("created:yesterday").code, "invalid_bound");
  assert.equal(fault("attempts:many").code, "invalid_bound");
  assert.equal(fault("status:fialed").code, "unknown_value");
});

test("values are completed in whatever case they are typed", () => {
  assert.deepEqual(beginning(["POST", "PUT", "crm"], "p"), ["POST", "PUT"]);
  assert.deepEqual(beginning(["POST", "crm"], "CR"), ["crm"]);
  assert.deepEqual(beginning(["POST"], "POST"), []);
});

test("a mistyped word says which was meant", () => {
  assert.deepEqual(fault("reson:expired"), { column: 1, code: "unknown_word", suggestion: "reason", wrong: "reson" });
});

test("the nearest word is one that is much like it, or none", () => {
  assert.equal(nearest("Stauts", ["status", "source"]), "status");
  assert.equal(nearest("zzz", ["status", "due"]), null);
  assert.equal(nearest("x", []), null);
  assert.equal(nearest("x".repeat(10_000), ["status"]), null);
});
