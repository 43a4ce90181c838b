// The card of problems: destinations and outcomes, most tasks first, each with its tasks and what to do about it.
import { empty } from "./block.js";
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { number } from "./format.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { time } from "./moment.js";
import { outcomeCode, outcomeWords } from "./status.js";
import { STATE_LOOKS } from "./steering.js";
import { table } from "./table.js";
import { fittingAction, outcomeOf, placeName, tasksLink } from "./trouble.js";

const FEW = 10;

/** What tells a problem from the others. */
export function keyOfProblem({ destination, outcome, rule }) {
  return [destination, outcome, rule].join(" ");
}

/** What the card shows of {items, more}. `all`: not only the first ones; `other` is the address of the other form. */
export function problemRows({ items, more }, { all, other, done }) {
  if (!items.length) return empty("check", t("problem.none"), t("problem.none_text"));
  const shown = all ? items : items.slice(0, FEW);
  return [
    table({ caption: t("problem.title"), kind: "stack problems", items: shown, columns: columns(done),
      keyOf: keyOfProblem }),
    items.length > FEW && el("div", { class: "card-foot" },
      t(more ? "problem.first_of_more" : "problem.shown", { count: shown.length, all: items.length }),
      el("a", { href: other }, t(all ? "problem.show_few" : "problem.show_all"))),
  ];
}

function columns(done) {
  return [
    { name: "what", head: t("problem.what"), kind: "wrap", cell: what },
    { name: "count", head: t("problem.tasks"), num: true, cell: count },
    { name: "since", head: t("problem.since"), label: t("problem.since_label"), none: ({ first_at: at }) => !at,
      cell: ({ first_at: at }) => (at ? time(at, "nearby") : dash()) },
    { name: "next", head: t("column.next_attempt"), label: t("column.next_attempt_label"),
      none: (problem) => !next(problem), cell: (problem) => next(problem) ?? dash() },
    { name: "act", head: t("column.actions"), quiet: true,
      cell: (problem) => el("span", { class: "row" }, tasksLink(problem), fittingAction(problem, done)) },
  ];
}

function what(problem) {
  const { destination, outcome, state, failed } = problem;
  const { colour, sign } = state === "normal" ? looksOf(failed) : STATE_LOOKS[state];
  const known = outcome !== null && outcomeOf(problem);
  return el("span", { class: "row" }, el("span", { class: colour }, icon(sign)), el("span", { class: "two grow" },
    el("span", { class: "cut", title: visibleLine(destination) }, placeName(destination)),
    el("small", {}, known && [outcomeCode(known), " ", outcomeWords(known)],
      state !== "normal" && [known && " · ", t(`problem.${state}`)])));
}

function looksOf(failed) {
  return failed ? { colour: "is-failed", sign: "failed" } : { colour: "is-retrying", sign: "retrying" };
}

function count({ waiting, failed }) {
  const all = el("b", {}, number(waiting + failed));
  if (!waiting || !failed) return all;
  return el("span", { class: "two" }, all, el("small", {}, t("problem.failed", { count: failed })));
}

function next({ state, waiting, next_attempt_at: at }) {
  if (at) return time(at, "coming");
  return waiting && state === "paused" ? t("problem.when_resumed") : null;
}

function dash() {
  return el("span", { class: "muted" }, "—");
}
