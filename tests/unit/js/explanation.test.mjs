// The explanation of a task in words: every code that the service may say has a text in both languages, and says no
// more than the service tells.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { wording } from "../../../static/js/explanation.js";
import { t, use } from "../../../static/js/message.js";
import { en, ru } from "./dictionaries.mjs";

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const CLASSES = { why: "Why", next: "Next", affected: "Affects" };
const OF_THE_PAGE = ["count", "at", "link", "reason", "destination", "order_key"];

// {why: [code…], …} as okydrom/delivery/explain.py defines them.
function codes(source = read("okydrom/delivery/explain.py")) {
  return Object.fromEntries(Object.entries(CLASSES).map(([kind, name]) => {
    const [, body] = new RegExp(`class ${name}\\(StrEnum\\):\\n([\\s\\S]*?)\\n\\n\\n`).exec(source);
    return [kind, [...body.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"$/gm)].map(([, code]) => code)];
  }));
}

// {code: the names of its parameters} as docs/api.md explains them.
function documented() {
  const lines = [...read("docs/api.md").matchAll(/^\| `(why|next|affected)` \| `([a-z_]+)` \| (.*) \|$/gm)];
  return new Map(lines.map(([, kind, code, text]) => [`${kind}.${code}`,
    [...text.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name)]));
}

const formsOf = (message) => (typeof message === "string" ? [message] : Object.values(message));
const messagesOf = (words, kind, code) => Object.entries(words)
  .filter(([key]) => key === `explain.${kind}.${code}` || key.startsWith(`explain.${kind}.${code}.`)
    || new RegExp(`^explain\\.${kind}\\.${code}_(short|no_[a-z]+)$`).test(key));

test("the codes are found where they are defined, and are those of the document", () => {
  const found = Object.entries(codes()).flatMap(([kind, all]) => all.map((code) => `${kind}.${code}`));
  assert.equal(found.length > 25, true);
  assert.deepEqual(found, [...documented().keys()]);
});

for (const [lang, words] of Object.entries({ ru, en })) {
  test(`${lang}: every code has a text`, () => {
    use(lang, words);
    for (const [kind, all] of Object.entries(codes())) {
      for (const code of all) assert.ok(wording(kind, { code }), `${kind}.${code}`);
    }
  });

  test(`${lang}: a text speaks of nothing that the service does not tell`, () => {
    for (const [name, params] of documented()) {
      const [kind, code] = name.split(".");
      for (const [key, message] of messagesOf(words, kind, code)) {
        const asked = formsOf(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, place]) => place));
        const unknown = asked.filter((place) => ![...params, ...OF_THE_PAGE].includes(place));
        assert.deepEqual(unknown, [], key);
      }
    }
  });
}

test("a code without a text is noticed", () => {
  use("en", en);
  assert.equal(wording("why", { code: "a_newer_code" }), null);
  const more = read("okydrom/delivery/explain.py").replace('DUE = "due"', 'DUE = "due"\n    NEWER = "newer"');
  assert.ok(codes(more).why.includes("newer"));
});

test("times, outcomes and lengths are told from texts", () => {
  const params = { since: "2026-01-31T12:00:00.000Z", until: "2026-01-31T12:05:00.000Z", outcome: "429", asked_s: "300" };
  assert.deepEqual(wording("why", { code: "destination_held", params }), { key: "explain.why.destination_held",
    params: { since: { stamp: params.since, form: "ago" }, until: { stamp: params.until, form: "nearby" },
      outcome: { outcome: "429" }, asked_s: { ms: 300_000 } } });
});

test("what is not told to a source has a text of its own", () => {
  const key = (params) => wording("why", { code: "destination_paused", params }).key;
  const since = "2026-01-31T12:00:00.000Z";
  assert.equal(key({ since, by: "ann", note: "deploy" }), "explain.why.destination_paused");
  assert.equal(key({ since, by: "ann", note: null }), "explain.why.destination_paused_no_note");
  assert.equal(key({ since, by: null, note: null }), "explain.why.destination_paused_short");
});

test("a failure is worded by its reason, a count chooses the form", () => {
  const params = { at: "2026-01-31T12:00:00.000Z", reason: "attempts_spent", outcome: "503", attempts: 3 };
  const found = wording("why", { code: "failed", params });
  assert.equal(found.key, "explain.why.failed.attempts_spent");
  assert.equal(t(found.key, { count: found.params.count, outcome: "503" }),
    "All attempts are spent, 3 in all. The last brought 503.");
  assert.equal(wording("why", { code: "failed", params: { ...params, reason: "newer" } }).key, "explain.why.failed");
});
