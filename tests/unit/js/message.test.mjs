// The dictionaries, and how messages are made from them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { has, load, loadChapter, parts, t, use, word } from "../../../static/js/message.js";
import { CHAPTERS, en, ru } from "./dictionaries.mjs";

const JS = new URL("../../../static/js/", import.meta.url);
const FORMS = { ru: ["one", "few", "many", "other"], en: ["one", "other"] };

const formsOf = (message) => (typeof message === "string" ? [message] : Object.values(message));
const placeholders = (message) => new Set(formsOf(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []));

test("both dictionaries have the same keys in the same order", () => {
  assert.deepEqual(Object.keys(ru), Object.keys(en));
});

for (const [lang, dictionary] of Object.entries({ ru, en })) {
  test(`${lang}: a message with plural forms has all forms of its language`, () => {
    for (const [key, message] of Object.entries(dictionary)) {
      if (typeof message === "string") continue;
      assert.deepEqual(Object.keys(message), FORMS[lang], key);
    }
  });

  test(`${lang}: all forms of a message have the same placeholders`, () => {
    for (const [key, message] of Object.entries(dictionary)) {
      for (const form of formsOf(message)) assert.deepEqual(placeholders(form), placeholders(message), key);
    }
  });

  test(`${lang}: no message is empty or starts or ends with a space`, () => {
    for (const [key, message] of Object.entries(dictionary)) {
      for (const form of formsOf(message)) assert.equal(form, form.trim(), key) || assert.ok(form, key);
    }
  });
}

test("a message has the same placeholders in both languages", () => {
  for (const key of Object.keys(en)) assert.deepEqual(placeholders(ru[key]), placeholders(en[key]), key);
});

test("Russian plurals: one, few, many, and the form for fractions", () => {
  use("ru", ru);
  const said = [1, 2, 5, 11, 21, 104, 1.5].map((count) => t("task.attempts_in_all", { count }));
  assert.deepEqual(said, [
    "всего 1 попытка", "всего 2 попытки", "всего 5 попыток", "всего 11 попыток", "всего 21 попытка",
    "всего 104 попытки", "всего 1,5 попытки",
  ]);
});

test("English plurals", () => {
  use("en", en);
  assert.equal(t("task.attempts_in_all", { count: 1 }), "1 attempt in all");
  assert.equal(t("task.attempts_in_all", { count: 1234 }), "1,234 attempts in all");
});

test("a placeholder without a parameter leaves nothing behind", () => {
  use("en", en);
  assert.equal(t("live.data_of"), "Data of ");
});

test("text in a parameter is no template", () => {
  use("en", en);
  assert.equal(t("live.data_of", { time: "{time} {count}" }), "Data of {time} {count}");
});

test("parts keep parameters as they are, so that they can be elements", () => {
  use("en", en);
  const node = { an: "element" };
  assert.deepEqual(parts("task.next", { time: node }), ["next attempt ", node, ""]);
});

test("a code without a word stands for itself", () => {
  use("en", en);
  assert.equal(word("reason", "expired"), "expired");
  assert.equal(word("reason", "a_newer_reason"), "a_newer_reason");
  assert.equal(has("reason.a_newer_reason"), false);
  assert.equal(has("toString"), false);
});

test("a dictionary is loaded by its language", async () => {
  await load("ru");
  assert.equal(t("nav.tasks"), "Задачи");
});

test("a chapter is added to the dictionary in use, and goes along with a change of the language", async () => {
  await load("en");
  assert.equal(has("chart.as_table"), false);
  await loadChapter("overview");
  assert.equal(t("chart.as_table"), "As table");
  assert.equal(t("nav.tasks"), "Tasks");
  await load("ru");
  assert.equal(t("chart.as_table"), "Таблицей");
});

test("no key stands in two chapters", () => {
  for (const lang of ["ru", "en"]) {
    const keys = Object.values(CHAPTERS[lang]).flatMap(Object.keys);
    assert.deepEqual(twice(keys), [], lang);
  }
});

// An object keeps the last one alone, so what the file says is counted.
const keysIn = (text) => [...text.matchAll(/^ {2}(?:"([^"]+)"|(\w+)):/gm)].map(([, quoted, bare]) => quoted ?? bare);
const twice = (keys) => keys.filter((key, index) => keys.indexOf(key) !== index);

test("no key stands twice in a file", () => {
  for (const [lang, chapters] of Object.entries(CHAPTERS)) {
    for (const [name, words] of Object.entries(chapters)) {
      const keys = keysIn(readFileSync(new URL(`${lang}${name}`, JS), "utf8"));
      assert.deepEqual(twice(keys), [], `${lang}${name}`);
      assert.deepEqual(keys, Object.keys(words), `${lang}${name}`);
    }
  }
});

test("a key that stands twice is found", () => {
  assert.deepEqual(twice(keysIn('{\n  "a.b": "1",\n  no: "2",\n  "a.b": {\n    one: "3",\n  },\n}')), ["a.b"]);
});

// Keys are written out where they are used, or made of a prefix and a code: `state.${state}`.
test("every key that the page asks for exists, and every key is asked for", () => {
  const sources = sourceFiles().map(([, text]) => text).join("\n");
  const literal = new Set([...sources.matchAll(/"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"/g)].map(([, key]) => key));
  const called = [...sources.matchAll(/\b(?:t|parts)\((?:[^()"`]*\? )?"([a-z0-9_.]+)"/g)].map(([, key]) => key);
  for (const key of called) assert.ok(Object.hasOwn(en, key), `no message ${key}`);
  const prefixes = [...sources.matchAll(/`([a-z_]+)\.(?:([a-z_]+_))?\$\{/g)].map(([, group, start]) => `${group}.${start ?? ""}`);
  const groups = [...sources.matchAll(/\bword\("([a-z_]+)"/g)].map(([, group]) => `${group}.`);
  const actions = ["retry.", "hurry.", "cancel.", "delete.", "resend.", "edit.", "labels.", "headers.", "refused."];
  const made = [...prefixes, ...groups, ...actions];
  for (const key of Object.keys(en)) {
    const used = literal.has(key) || !key.includes(".") || made.some((prefix) => key.startsWith(prefix));
    assert.ok(used, `nobody asks for ${key}`);
  }
});

function sourceFiles() {
  return readdirSync(JS, { recursive: true })
    .filter((name) => name.endsWith(".js") && !/^(ru|en)(\.js$|\/)/.test(name))
    .map((name) => [name, readFileSync(new URL(name, JS), "utf8")]);
}

test("a chapter that comes before the dictionary of its language is kept for it", async () => {
  const early = await import("../../../static/js/message.js?early");
  await early.loadChapter("boxes");
  assert.equal(early.has("keys.done"), false);
  await early.load("en");
  assert.equal(early.t("keys.done"), "Close");
  assert.equal(early.t("nav.tasks"), "Tasks");
  early.use("ru", {});
  assert.equal(early.has("keys.done"), false);
});

test("a dictionary that was under way when its chapter came has both", async () => {
  const early = await import("../../../static/js/message.js?raced");
  const words = early.load("en");
  await Promise.all([words, early.loadChapter("boxes")]);
  assert.equal(early.t("keys.done"), "Close");
});
