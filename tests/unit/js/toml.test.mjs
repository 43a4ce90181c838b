// Parameters as TOML.
import assert from "node:assert/strict";
import { test } from "node:test";

import { tomlOf } from "../../../static/js/toml.js";

const item = (name, value, more = {}) => ({ name, section: name.split(".")[0], value, secret: false, ...more });

test("values of every kind, by section", () => {
  const text = tomlOf([item("server.port", 8080), item("server.hosts", ["a", "b"]), item("retry.jitter", 0.2),
    item("server.on", true), item("retry.waits", { "a b": 1 })]);
  assert.equal(text, '[server]\nport = 8080\nhosts = ["a", "b"]\non = true\n\n[retry]\njitter = 0.2\n'
    + 'waits = { "a b" = 1 }\n');
});

test("what is secret or has no value is a comment", () => {
  assert.equal(tomlOf([item("auth.tokens", "s3cret", { secret: true }), item("auth.x", null)]),
    "[auth]\n# tokens =\n# x =\n");
});

test("no text ends its line", () => {
  const text = tomlOf([item("server.x", 'a"\n[evil]\ny = 1\u007f'), item("server.k\ney", null)]);
  assert.deepEqual(text.split("\n").length, 4);
  assert.ok(text.includes('x = "a\\"\\n[evil]\\ny = 1\\u007f"'));
});
