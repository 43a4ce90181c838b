// docs/page.md says what the page says: its verdicts in their order, the words of the pill, its keys.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { KEYS } from "../../../static/js/keyhelp.js";
import { en } from "./dictionaries.mjs";

const MANUAL = readFileSync(new URL("../../../docs/page.md", import.meta.url), "utf8");
const VERDICTS = ["not_ready", "inside", "held", "failing", "failed", "paused", "due", "attention", "stale", "well_hour"];
const CODE = readFileSync(new URL("../../../static/js/verdict.js", import.meta.url), "utf8");

// The first cells of the table whose head begins with this word.
function firstCells(head) {
  const [, table] = MANUAL.split(`| ${head} |`);
  return table.split("\n\n")[0].split("\n").slice(2).map((line) => line.split("|")[1].trim());
}

// A pattern for a message with anything in its places, in any of its plural forms.
function pattern(message) {
  const forms = typeof message === "string" ? [message] : Object.values(message);
  const any = forms.map((form) => form.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+"));
  return new RegExp(`^(?:${any.join("|")})$`);
}

test("the verdicts are listed in the order in which they are given", () => {
  const given = [...CODE.matchAll(/verdict\("(\w+)"/g)].map(([, kind]) => kind);
  const listed = VERDICTS.map((kind) => kind.replace(/_hour$/, ""));
  assert.deepEqual([...new Set(given)], listed.filter((kind) => !["failing", "failed"].includes(kind)));
  const said = firstCells("it says");
  assert.equal(said.length, VERDICTS.length);
  VERDICTS.forEach((kind, at) => assert.match(said[at], pattern(en[`verdict.${kind}`])));
});

test("the pill's words are its own", () => {
  const words = ["live", "paused", "reconnecting", "polling", "stale"];
  const said = firstCells("pill");
  assert.equal(said.length, words.length);
  words.forEach((word, at) => assert.match(said[at], pattern(en[`live.${word}`])));
});

test("the keys are those of the help", () => {
  const listed = firstCells("key").map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key));
  assert.deepEqual(listed, Object.values(KEYS).flat().map(([, ...keys]) => keys));
});
