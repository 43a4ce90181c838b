// The JSON lexer: nothing is read into values, so nothing changes.
import assert from "node:assert/strict";
import { test } from "node:test";

import { faultOf, pretty } from "../../../static/js/payload.js";

const laidOut = (text, cut) => pretty(text, cut)?.map((piece) => piece.text).join("") ?? null;
const kinds = (text) => pretty(text).filter(({ kind }) => kind !== "space").map(({ kind, text: piece }) => [kind, piece]);
// Without the spaces between tokens a text is the same before and after.
const bare = (text) => text.replace(/"(?:[^"\\]|\\.)*"|[ \t\n\r]+/g, (piece) => (piece[0] === '"' ? piece : ""));

test("numbers stay as they were written", () => {
  for (const number of ["9007199254740993", "1.0", "-0", "1e400", "0.1000", "18446744073709551616", "1E+2"]) {
    assert.equal(laidOut(number), number);
    assert.equal(laidOut(`{"n":${number}}`), `{\n  "n": ${number}\n}`);
  }
});

test("strings and their escapes stay as they were written", () => {
  for (const string of ['"\\u0000"', '"\\/"', '"\\ud800"', '"<script>alert(1)</script>"', '"\u202e"', '"\\\\"', '""']) {
    assert.equal(laidOut(string), string);
  }
});

test("objects and lists are laid out, empty ones stay on their line", () => {
  assert.equal(laidOut('{"a":[1,{"b":{}},[]],"c":null}'), [
    "{", '  "a": [', "    1,", "    {", '      "b": {}', "    },", "    []", "  ],", '  "c": null', "}",
  ].join("\n"));
});

test("spaces of the original are replaced, everything else is kept", () => {
  const text = ' {\t"a" :\r\n[ 1.50 , "x y" ] , "a":true }\n';
  assert.equal(bare(laidOut(text)), bare(text));
});

test("keys are told from other strings", () => {
  assert.deepEqual(kinds('{"a":"b"}'), [["mark", "{"], ["key", '"a"'], ["mark", ":"], ["string", '"b"'], ["mark", "}"]]);
  assert.deepEqual(kinds('["a"]')[1], ["string", '"a"']);
});

test("what is no JSON is not laid out, and its fault has a place", () => {
  const cases = {
    "": ["incomplete", 1, 1],
    "{": ["incomplete", 1, 2],
    '{"a":1,}': ["unexpected", 1, 8],
    "[1,]": ["unexpected", 1, 4],
    "[1 2]": ["unexpected", 1, 4],
    "01": ["unexpected", 1, 2],
    "1.": ["unexpected", 1, 2],
    "+1": ["unexpected", 1, 1],
    "nulls": ["unexpected", 1, 5],
    "NaN": ["unexpected", 1, 1],
    "'a'": ["unexpected", 1, 1],
    '"a\nb"': ["unexpected", 1, 1],
    '"\\x"': ["unexpected", 1, 1],
    '{"a" 1}': ["unexpected", 1, 6],
    "{1:2}": ["unexpected", 1, 2],
    "[}": ["unexpected", 1, 2],
    "]": ["unexpected", 1, 1],
    "1 1": ["unexpected", 1, 3],
    '{\n  "a": 1,\n  b: 2\n}': ["unexpected", 3, 3],
  };
  for (const [text, [code, line, column]] of Object.entries(cases)) {
    assert.deepEqual(faultOf(text), { code, line, column }, text);
    assert.equal(pretty(text), null, text);
  }
});

test("it agrees with the parser of the language on what is JSON", () => {
  const pieces = ["{", "}", "[", "]", ":", ",", '"a"', "1", "-", "0", ".5", "e1", "true", "null", " ", "\n"];
  let seed = 1;
  const next = (limit) => (seed = (seed * 48271) % 2147483647) % limit;
  for (let round = 0; round < 5_000; round += 1) {
    const text = Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)]).join("");
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    assert.equal(faultOf(text) === null, parses, JSON.stringify(text));
  }
});

test("of the first part of a longer text the readable tokens are laid out", () => {
  assert.equal(laidOut('{"a":[1,2,"cut of'), null);
  assert.equal(laidOut('{"a":[1,2,"cut of', true), '{\n  "a": [\n    1,\n    2,\n    ');
});

test("deep nesting and long strings take no recursion", () => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  assert.equal(faultOf(deep), null);
  const long = `"${"a\\n".repeat(300_000)}"`;
  assert.equal(faultOf(long), null);
});
