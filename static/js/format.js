// Numbers, sizes, durations and times as people read them, in the language in use. Formatters are made once.
import { clipped, DAY, HOUR, MINUTE, split } from "./duration.js";
import { language, t } from "./message.js";

const SIZES = ["b", "kib", "mib", "gib", "tib"];

const LOCALES = { ru: "ru", en: "en-GB" }; // English with the day before the month and 24 hours
const made = new Map();
let utc = false;

/** Show times in UTC from now on, or in the zone of this machine. */
export function useUtc(on) {
  utc = on;
}

/** Are times shown in UTC? */
export function inUtc() {
  return utc;
}

/** 1234567 → 1,234,567 */
export function number(value) {
  return numbers({}).format(value);
}

/** As `number` up to a million, then 1.85M: for the side bar. */
export function compact(value) {
  if (value < 1_000_000) return number(value);
  return numbers({ notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** 0.991 → 99.1% */
export function percent(share) {
  return numbers({ style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** Values of which one is enough: a, b or c. */
export function either(values) {
  return formatter(Intl.ListFormat, { type: "disjunction" }).format(values);
}

/** Bytes: 412 B, 1.2 KiB. */
export function bytes(size) {
  let step = 0;
  while (size >= 1024 && step < SIZES.length - 1) {
    size /= 1024;
    step += 1;
  }
  const value = numbers({ maximumFractionDigits: size < 10 && step ? 1 : 0 }).format(size);
  return t(`unit.${SIZES[step]}`, { value });
}

/** Milliseconds in at most two neighbouring units: 41 ms, 1.4 s, 14 min 08 s, 12 d 4 h. */
export function duration(ms) {
  return amounts(ms).map(({ unit, value }) => t(`unit.${unit}`, { value })).join(" ");
}

/** The same in pieces, {unit, value}: for those that show the units smaller. */
export function amounts(ms) {
  return split(ms).map(({ unit, value, digits, fraction }) => ({ unit,
    value: numbers({ minimumIntegerDigits: digits, maximumFractionDigits: fraction }).format(value) }));
}

/** An age as one looks at it in a list: a duration without fractions, days after a day. */
export function age(ms) {
  const whole = clipped(ms);
  return whole < MINUTE ? t("unit.s", { value: number(whole / 1000) }) : duration(whole);
}

/** The time of day to the minute: 02:14. */
export function minute(at) {
  return dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** The time of day: 02:14:31. */
export function clock(at) {
  return dates({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at);
}

/** Date and time of day, without the year: 25 Nov, 00:03:07. */
export function moment(at) {
  const day = { day: "numeric", month: "short" };
  return dates({ ...day, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at);
}

/** The day alone: 25 Nov. */
export function day(at) {
  return dates({ day: "numeric", month: "short" }).format(at);
}

/** With the year and milliseconds: 25 Nov 2026, 00:03:07.907. */
export function exact(at, options = {}) {
  const day = { day: "numeric", month: "short", year: "numeric" };
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" };
  return dates({ ...day, ...time, ...options }).format(at);
}

/** All of it, with the zone: for titles. */
export function full(at) {
  return exact(at, { timeZoneName: "short" });
}

/** The time of day; on another day with the date. */
export function nearby(at, now) {
  return date(at) === date(now) ? clock(at) : moment(at);
}

/** How long ago; after a day, when. */
export function ago(at, now) {
  return now - at < DAY ? t("time.ago", { duration: age(now - at) }) : moment(at);
}

/** What is to come: under an hour how soon, then at what time, on another day with its date. */
export function coming(at, now) {
  if (at - now < 1000) return t("time.now");
  if (at - now < HOUR) return t("time.in", { duration: age(at - now) });
  return when(at, now);
}

/** The time of day as it stands in a sentence: at 02:14:31; on another day with the date. */
export function when(at, now) {
  return date(at) === date(now) ? t("time.at", { time: clock(at) }) : t("time.on", { time: moment(at) });
}

/** The same by the second. */
export function countdown(at, now) {
  if (at - now < 1000 || at - now >= HOUR) return coming(at, now);
  const left = at - now;
  return t("time.in", { duration: left < MINUTE ? age(left) : duration(left - (left % 1000)) });
}

function date(at) {
  return dates({ year: "numeric", month: "numeric", day: "numeric" }).format(at);
}

function numbers(options) {
  return formatter(Intl.NumberFormat, options);
}

function dates(options) {
  return formatter(Intl.DateTimeFormat, utc ? { ...options, timeZone: "UTC" } : options);
}

function formatter(Kind, options) {
  const locale = LOCALES[language()];
  const key = `${Kind.name} ${locale} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Kind(locale, options));
  return made.get(key);
}
