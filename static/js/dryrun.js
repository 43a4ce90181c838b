// What a dry run said of a task that is being written: verdicts, the timetable of its attempts, the request.
import { visible, visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { bytes, clock, duration } from "./format.js";
import { icon } from "./icon.js";
import { parts, t } from "./message.js";
import { time } from "./moment.js";

const SOON = 1_000; // ms
const LOOKS = { good: ["check", "is-delivered"], warn: ["warning", "is-retrying"], bad: ["failed", "is-failed"] };

/** The cards of an answer that came at `at`; `stale` says that the form has changed since. */
export function dryRunCards(answer, { at, stale, verb, url }) {
  return [verdicts(answer, at, stale), timetable(answer, at), request(answer, verb, url)];
}

/** What stands there before one was made. */
export function dryRunHint() {
  return el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, t("dryrun.title"))),
    el("p", { class: "card-body soft" }, t("dryrun.hint")));
}

function verdicts({ errors, addresses, body_size: size, destination }, at, stale) {
  const { state, until, waiting } = destination ?? {};
  const place = state && (state === "normal" ? line("good", t("dryrun.normal"))
    : line("warn", parts(state === "held" && until ? "dryrun.held_until" : `dryrun.${state}`,
      { time: until && time(until, "nearby") })));
  const places = el("span", { class: "mono" }, visibleLine(errors.map(({ pointer }) => pointer || "/").join(" ")));
  return el("section", { class: "card", key: "dry run", "aria-label": t("dryrun.title") },
    el("div", { class: "card-head" }, el("h2", {}, t("dryrun.title")),
      el("span", { class: "end muted" }, clock(at))),
    el("ul", { class: "card-body verdicts" },
      stale && line("warn", t("dryrun.stale")),
      errors.length ? line("bad", parts("dryrun.faults", { count: errors.length, places }))
        : line("good", t("dryrun.valid")),
      addresses?.map(({ address, allowed, rule }) => (allowed ? line("good", t("dryrun.allowed", { address }))
        : line("bad", t("dryrun.blocked", { address, rule: visibleLine(rule) })))),
      !errors.length && addresses?.length === 0 && line("warn", t("dryrun.no_address")),
      size !== null && size !== undefined && line("good", t("dryrun.size", { size: bytes(size) })),
      place, waiting > 0 && line("warn", t("dryrun.waiting", { count: waiting }))));
}

function line(look, words) {
  const [sign, colour] = LOOKS[look];
  return el("li", {}, el("span", { class: colour }, icon(sign)), el("span", {}, words));
}

function timetable({ schedule }, now) {
  if (!schedule?.length) return null;
  const rows = schedule.map(({ attempt, earliest }, index) => {
    const wait = Math.max(Date.parse(earliest) - (index ? Date.parse(schedule[index - 1].earliest) : now), 0);
    const words = wait < SOON && !index ? t("dryrun.at_once") : t("dryrun.after", { duration: duration(wait) });
    return el("li", {}, el("span", { class: "num" }, String(attempt)), el("span", { class: "grow" }, words),
      time(earliest, "nearby"));
  });
  return el("section", { class: "card", key: "timetable" }, el("div", { class: "card-head" },
    el("h2", {}, t("dryrun.timetable"))), el("ol", { class: "card-body timetable" }, rows));
}

function request({ headers }, verb, url) {
  if (!headers?.length) return null;
  return el("section", { class: "card", key: "request" }, el("div", { class: "card-head" },
    el("h2", {}, t("dryrun.request"))), el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0" },
    el("b", {}, verb), " ", visibleLine(url), headers.map(([name, value]) => ["\n",
      el("span", { class: "k" }, visibleLine(name)), `: ${visible(value)}`])));
}
