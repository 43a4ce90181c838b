// A problem of /problems in words: where, what, which tasks; and the one thing to do about it that fits.
import { ApiError, post } from "./api.js";
import { errorWords } from "./block.js";
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { bring } from "./late.js";
import { parts, t } from "./message.js";
import { time } from "./moment.js";
import { href } from "./router.js";
import { mayAct } from "./session.js";
import { outcomeWords } from "./status.js";
import { toast } from "./toast.js";

const HOPELESS = ["blocked"]; // trying again changes nothing

/** A destination as people write it: the scheme's own port is left out. */
export function placeUrl(key) {
  return visibleLine(key.replace(/^(https:.*):443$|^(http:.*):80$/, "$1$2"));
}

/** A destination as people name it: host and port. */
export function placeName(key) {
  return placeUrl(key).replace(/^https?:\/\//, "");
}

/** An outcome in its two forms: {code} or {error}. */
export function outcomeOf({ outcome, rule }) {
  return /^\d+$/.test(outcome ?? "") ? { code: Number(outcome) } : { error: outcome, rule };
}

/** What happens there since when, as a sentence with a time in it. Nothing where no attempt says what it is. */
export function sentence(problem) {
  if (problem.outcome === null || !problem.first_at) return null;
  const outcome = outcomeOf(problem);
  const said = { place: placeName(problem.destination), time: time(problem.first_at, "nearby") };
  return outcome.code ? parts("problem.answers", { ...said, code: String(outcome.code) })
    : parts("problem.brings", { ...said, what: outcomeWords(outcome) });
}

/** The filter, as parameters of the list, that finds the tasks that a problem counts. */
export function tasksOf(problem) {
  const { destination, outcome, state, waiting, failed, first_at: since } = problem;
  const there = { destination };
  if (state !== "normal" && waiting) return { ...there, group: failed ? "in_progress,failed" : "in_progress" };
  if (outcome !== null) there[/^\d+$/.test(outcome) ? "code" : "error"] = outcome;
  if (!waiting) return { ...there, status: "failed", ...(since && { finished_from: since }) };
  return { ...there, status: failed ? "queued,sending,retrying,failed" : "queued,sending,retrying" };
}

/** The button that fits: release, resume, retry what failed; `done` is called when it was done, or begun. */
export function fittingAction(problem, done) {
  const { destination, state, outcome, failed } = problem;
  if (state === "held") return orderButton("release", destination, done);
  if (state === "paused") return orderButton("resume", destination, done);
  if (!failed || HOPELESS.includes(outcome)) return null;
  const query = tasksOf({ ...problem, state: "normal", waiting: 0 });
  const terms = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]]));
  return button(t("problem.retry", { count: failed }), async () => (await bring(() => import("./planning.js")))
    ?.openPlan({ action: "retry", filter: { terms, rest: [] }, begun: done }));
}

/** The link to the tasks of a problem. */
export function tasksLink(problem) {
  return el("a", { class: "btn btn-sm", href: href("tasks", {}, tasksOf(problem)) }, t("nav.tasks"),
    el("span", { class: "hidden" }, " ", placeName(problem.destination)));
}

function orderButton(order, destination, done) {
  return button(t(`problem.${order}`), async () => {
    try {
      await post(`/destinations/${encodeURIComponent(destination)}/${order}`);
      toast(t(`problem.${order}_done`, { place: placeName(destination) }));
      done();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(errorWords(error), "warning");
    }
  });
}

function button(text, press) {
  const refused = mayAct() ? null : t("refused.role");
  return el("button", { class: "btn btn-sm", type: "button", title: refused, "aria-disabled": refused ? "true" : null,
    on: { click: () => (refused ? toast(refused, "info") : press()) } }, text);
}
