// The jump box: what a text finds.
import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting, idOf } from "../../../static/js/commands.js";

const list = (...words) => words.map((each) => ({ words: each }));
const found = (text, lang, ...words) => fitting(list(...words), text, lang).map(({ words: each }) => each);

test("an id is an id with spaces around it and in capitals, a part of one is none", () => {
  const id = "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20";
  assert.equal(idOf(`  ${id.toUpperCase()}\n`), id);
  assert.equal(idOf(id.slice(1)), null);
  assert.equal(idOf("tasks"), null);
});

test("beginnings of words find a command, whatever the case, in both languages", () => {
  assert.deepEqual(found("OPER", "en", "Overview", "Bulk operations"), ["Bulk operations"]);
  assert.deepEqual(found("опер масс", "ru", "Обзор", "Массовые операции"), ["Массовые операции"]);
  assert.deepEqual(found("темная", "ru", "Тема: тёмная"), ["Тема: тёмная"]);
  assert.deepEqual(found("perations", "en", "Bulk operations"), []);
});

test("what begins with the text comes first, and no text finds all", () => {
  assert.deepEqual(found("tas", "en", "New task", "Tasks"), ["Tasks", "New task"]);
  assert.deepEqual(found(" ", "en", "New task", "Tasks"), ["New task", "Tasks"]);
});
