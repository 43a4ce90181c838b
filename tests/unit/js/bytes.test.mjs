// Bytes and texts from elsewhere, made safe to look at.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fromBase64, sizeOf, textOf, toBase64, visible, visibleLine } from "../../../static/js/bytes.js";
import { curlPost, quote } from "../../../static/js/curl.js";

test("characters that reorder or hide text are written as escapes", () => {
  assert.equal(visible("a\u202egpj.exe"), "a\\u202egpj.exe");
  assert.equal(visible("\u2066\u2069\u200b\u200f\ufeff\u00ad"), "\\u2066\\u2069\\u200b\\u200f\\ufeff\\xad");
});

test("controls are written as escapes, tab and line end stay", () => {
  assert.equal(visible("a\u0000b\u001b[31m\r\n\tc\u0085"), "a\\x00b\\x1b[31m\\x0d\n\tc\\x85");
  assert.equal(visibleLine("a\n\tb"), "a\\n\\tb");
});

test("lone surrogates are shown, pairs are left alone", () => {
  assert.equal(visible("\ud800"), "\\ud800");
  assert.equal(visible("😀"), "😀");
});

test("letters of other scripts are left alone", () => {
  for (const text of ["Привет", "שלום", "日本語", "e\u0301", "<b>&amp;"]) assert.equal(visible(text), text);
});

test("bytes that are no UTF-8 are no text", () => {
  assert.equal(textOf(Uint8Array.of(0xff, 0xfe)), null);
  assert.equal(textOf(Uint8Array.of(0xd0, 0x9f)), "П");
});

test("a byte order mark stays, so that it can be seen", () => {
  assert.equal(textOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa");
});

test("a character cut off at the end of a first part does not make it binary", () => {
  const cut = Uint8Array.of(0x61, 0xd0);
  assert.equal(textOf(cut), null);
  assert.equal(textOf(cut, true), "a");
});

test("base64 is decoded to bytes; nothing to none", () => {
  assert.deepEqual([...fromBase64("AP8=")], [0, 255]);
  assert.equal(fromBase64("").length, 0);
  assert.equal(fromBase64(null).length, 0);
});

test("the size of a text is that of its UTF-8", () => {
  assert.equal(sizeOf("aП😀"), 7);
});

test("a word for a shell is quoted when it has to be", () => {
  assert.equal(quote("http://127.0.0.1:8080/api/v1/tasks"), "http://127.0.0.1:8080/api/v1/tasks");
  assert.equal(quote("it's $HOME `x`"), "'it'\\''s $HOME `x`'");
  assert.equal(quote(""), "''");
});

test("a call of curl sends the text as it is", () => {
  assert.equal(
    curlPost("http://h/api", '{"a":1.0}'),
    "curl -sS http://h/api \\\n  -H 'Content-Type: application/json' \\\n  --data-binary '{\"a\":1.0}'",
  );
});

test("bytes become base64 and come back, long ones too", () => {
  const bytes = Uint8Array.from({ length: 100_001 }, (_, at) => at % 256);
  assert.equal(toBase64(new Uint8Array([0, 1, 255])), "AAH/");
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
});
