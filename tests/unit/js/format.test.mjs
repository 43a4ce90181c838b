// Numbers, sizes, durations and times in both languages.
import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "UTC";
const { load } = await import("../../../static/js/message.js");
const format = await import("../../../static/js/format.js");

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 25, 2, 14, 37, 5);
const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");

async function inBoth(make, en, ru) {
  for (const [lang, expected] of [["en", en], ["ru", ru]]) {
    await load(lang);
    assert.equal(plain(make()), expected, lang);
  }
}

test("numbers follow the language", async () => {
  await inBoth(() => format.number(1846209), "1,846,209", "1 846 209");
  await inBoth(() => format.percent(0.991), "99.1%", "99,1 %");
});

test("a number is compact from a million on", async () => {
  await inBoth(() => format.compact(999_999), "999,999", "999 999");
  await inBoth(() => format.compact(1_846_209), "1.85m", "1,85 млн");
});

test("sizes are written in powers of 1024, small ones with a fraction", async () => {
  await inBoth(() => format.bytes(0), "0 B", "0 Б");
  await inBoth(() => format.bytes(1023), "1,023 B", "1 023 Б");
  await inBoth(() => format.bytes(1536), "1.5 KiB", "1,5 КиБ");
  await inBoth(() => format.bytes(195_421_274_112), "182 GiB", "182 ГиБ");
});

test("durations name at most two neighbouring units", async () => {
  const cases = [
    [0, "0 ms"], [0.7, "0.7 ms"], [41.3, "41 ms"], [999, "999 ms"], [1400, "1.4 s"], [15_000, "15 s"],
    [14 * MINUTE + 8 * SECOND, "14 min 08 s"], [2 * HOUR, "2 h"], [2 * HOUR + 53 * MINUTE + 9 * SECOND, "2 h 53 min"],
    [12 * DAY + 4 * HOUR + 59 * MINUTE, "12 d 4 h"],
  ];
  await load("en");
  for (const [ms, text] of cases) assert.equal(format.duration(ms), text);
  await load("ru");
  assert.equal(format.duration(14 * MINUTE + 8 * SECOND), "14 мин 08 с");
});

test("ages have no fractions and never are negative", async () => {
  await load("en");
  const cases = [[-5, "0 s"], [2900, "2 s"], [38 * MINUTE + 59 * SECOND, "38 min"], [173 * MINUTE, "2 h 53 min"],
    [3 * DAY + 11 * HOUR + 5 * MINUTE, "3 d 11 h"]];
  for (const [ms, text] of cases) assert.equal(format.age(ms), text);
});

test("what was is said relatively for a day, then by its date", async () => {
  await inBoth(() => format.ago(NOW - 131 * MINUTE, NOW), "2 h 11 min ago", "2 ч 11 мин назад");
  await inBoth(() => format.ago(NOW - 2 * DAY, NOW), "23 Nov, 02:14:37", "23 нояб., 02:14:37");
});

test("what is to come is said relatively for an hour, then by its time, then with its date", async () => {
  await inBoth(() => format.coming(NOW - 1, NOW), "now", "сейчас");
  await inBoth(() => format.coming(NOW + 3 * SECOND, NOW), "in 3 s", "через 3 с");
  await inBoth(() => format.coming(NOW + 28 * MINUTE, NOW), "in 28 min", "через 28 мин");
  await inBoth(() => format.coming(NOW + 5 * HOUR, NOW), "at 07:14:37", "в 07:14:37");
  await inBoth(() => format.coming(NOW + DAY, NOW), "on 26 Nov, 02:14:37", "26 нояб., 02:14:37");
});

test("when it was stands in a sentence with a time and with a date", async () => {
  await inBoth(() => format.when(NOW - SECOND, NOW), "at 02:14:36", "в 02:14:36");
  await inBoth(() => format.when(NOW - DAY, NOW), "on 24 Nov, 02:14:37", "24 нояб., 02:14:37");
});

test("the hour before one in the morning is 00, not 24", async () => {
  await inBoth(() => format.clock(Date.UTC(2026, 10, 25, 0, 3, 7)), "00:03:07", "00:03:07");
});

test("the exact form has milliseconds, the full one the zone too", async () => {
  await inBoth(() => format.exact(NOW), "25 Nov 2026, 02:14:37.005", "25 нояб. 2026 г., 02:14:37,005");
  await inBoth(() => format.full(NOW), "25 Nov 2026, 02:14:37.005 UTC", "25 нояб. 2026 г., 02:14:37,005 UTC");
});
