// The verdict as people see it: a sentence, what is behind it, and where to go on.
import { el } from "./dom.js";
import { age } from "./format.js";
import { icon } from "./icon.js";
import { has, t, word } from "./message.js";
import { reasonWords } from "./readiness.js";
import { href } from "./router.js";
import { sentence, tasksOf } from "./trouble.js";

const SIGNS = { failed: "warning", retrying: "clock", delivered: "check" };
const TOLD = 2; // problems

/** The card of what `judge` says; `old` is the mark of old data. */
export function verdictCard({ kind, tone, params, problems }, old) {
  const said = { ...params, ...(params.age && { age: age(params.age) }), ...(params.key && { key: word("health",
    params.key) }), ...(params.waiting !== undefined && { tasks: t("count.waiting", { count: params.waiting }) }) };
  const lasting = kind === "well" ? `well_${params.minutes < 60 ? "quarter" : "hour"}` : kind;
  return el("section", { class: "card verdict", "aria-label": t("verdict.label") },
    el("span", { class: `verdict-icon is-${tone}` }, icon(SIGNS[tone])),
    el("div", { class: "grow" }, el("b", {}, t(`verdict.${lasting}`, said)),
      el("p", {}, behind(kind, params, problems), old && [" ", old])),
    el("div", { class: "end" }, buttons(kind, problems)));
}

// The worst problems as sentences, then what that means for the others; of a part of the service what to do about it;
// why it is not ready.
function behind(kind, { key: part, reasons }, problems) {
  if (reasons) return reasonWords(reasons);
  const told = problems.slice(0, TOLD).map(sentence).filter(Boolean);
  const more = problems.length - told.length;
  const advice = `advice.${part}`;
  return [
    told.map((each) => [each, " "]),
    told.length > 0 && more > 0 && [t("verdict.more", { count: more }), " "],
    part && has(advice) ? t(advice) : t(`verdict.${kind}_text`),
  ];
}

function buttons(kind, problems) {
  const link = (text, name, query) => el("a", { class: "btn", href: href(name, {}, query) }, t(text));
  const tasks = (query) => link("verdict.show_tasks", "tasks", query);
  const only = problems.length === 1 ? tasksOf(problems[0]) : null; // one problem: its very tasks
  const places = (query) => link("nav.destinations", "destinations", query);
  const system = () => link("nav.system", "system");
  const offered = {
    not_ready: () => [system()],
    inside: () => [system(), link("nav.parameters", "parameters")],
    held: () => [tasks(only ?? { held: "true" }), places({ state: "held" })],
    failing: () => [tasks(only ?? { status: "retrying,failed" }), places()],
    failed: () => [tasks(only ?? { group: "failed" })],
    paused: () => [tasks({ held: "true" }), places({ state: "paused" })],
    due: () => [tasks({ due_before: "-1m", order: "oldest" }), places()],
    attention: () => [system()],
  };
  return offered[kind]?.() ?? [];
}
