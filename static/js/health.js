// The checks of health: how the parts of the service are, in words.
import { el } from "./dom.js";
import { bytes, duration, number } from "./format.js";
import { icon } from "./icon.js";
import { has, t, word } from "./message.js";
import { time } from "./moment.js";
import { href } from "./router.js";

const LEVELS = { ok: ["check", "delivered"], warn: ["warning", "retrying"], bad: ["failed", "failed"] };
const BESIDE = { disk_free: "disk_days_left" }; // said in one line with another, where there is little room
const YEAR = 365; // days
const GOOD_ZERO = ["journal_damage", "journal_gaps", "destinations_held"];

/** A line for each, the short form. */
export function healthList(checks) {
  const known = Object.fromEntries(checks.map((check) => [check.key, check]));
  const line = (check) => {
    const beside = known[BESIDE[check.key]];
    return el("div", {}, el("dt", {}, sign(worse(check.level, beside?.level)), word("health", check.key)),
      el("dd", {}, checkValue(check), beside?.value != null && [" ", el("small", {}, beside.value > YEAR
        ? t("health.year_left") : t("health.days_left", { count: rounded(beside.value) }))]));
  };
  const shown = checks.filter(({ key }) => !Object.values(BESIDE).includes(key));
  return el("dl", { class: "health" }, shown.map(line));
}

/** All of them, each with what it means and what to do when it is not as it should be. */
export function healthAdvice(checks) {
  const advice = ({ key, level, value }) => {
    const words = GOOD_ZERO.includes(key) && value === 0 ? `advice.${key}_none` : `advice.${key}`;
    return has(words) && el("p", { class: level === "ok" ? "muted" : "" }, t(words));
  };
  return el("ul", { class: "advice" }, checks.map((check) => el("li", {}, sign(check.level),
    el("div", { class: "grow" }, el("b", {}, word("health", check.key)), advice(check)),
    el("span", { class: "value" }, checkValue(check)))));
}

// The value of a check as people read it.
function checkValue({ key, value, unit }) {
  if (value === null) return el("span", { class: "muted" }, has(`health.${key}_null`) ? t(`health.${key}_null`) : "—");
  if (GOOD_ZERO.includes(key) && value === 0) return t("health.none");
  if (key === "destinations_held") return el("a", { href: href("destinations", {}, { state: "held" }) }, number(value));
  if (unit === "time") return time(value, "nearby");
  if (unit === "ms") return duration(value);
  if (unit === "bytes") return bytes(value);
  return has(`count.${unit}`) ? t(`count.${unit}`, { count: rounded(value) }) : number(value);
}

function rounded(value) {
  return value < 10 ? value : Math.round(value);
}

function sign(level) {
  const [name, colour] = LEVELS[level] ?? LEVELS.warn;
  return el("span", { class: `is-${colour}` }, icon(name, "sm"), el("span", { class: "hidden" }, t(`level.${level}`)));
}

function worse(one, other) {
  return Object.keys(LEVELS).findLast((level) => level === one || level === other) ?? one;
}
