// The timeline of a task: its steps side by side, one below the other where there is no room.
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { clock, day, duration, full } from "./format.js";
import { icon } from "./icon.js";
import { t, word } from "./message.js";
import { outcomeWords } from "./status.js";
import { folded, span, stepsOf } from "./timeline.js";

const SHORTEST_GAP = 1_000; // ms that are worth a word
const SIGNS = { retry: "retrying", cancel: "cancelled", edit: "edit", resend: "resend", delete: "close" };

/** The card. `whole` says that nothing is folded, `toggle` changes that. */
export function timelineCard(task, attempts, schedule, whole, toggle) {
  const steps = stepsOf(task, attempts, schedule);
  const shown = whole ? steps : folded(steps);
  const length = span(steps);
  const fold = whole && folded(steps) !== steps;
  return el("section", { class: "card", key: "timeline" },
    el("div", { class: "card-head" }, el("h2", {}, t("timeline.title")),
      el("span", { class: "scope" }, length === null ? t("timeline.scope_none")
        : t("timeline.scope", { duration: duration(length) })),
      fold && el("div", { class: "end" }, el("button", { class: "btn btn-sm", type: "button", on: { click: toggle } },
        t("timeline.fold")))),
    el("ol", { class: "rail", tabindex: "0", "aria-label": t("timeline.title") },
      shown.map((step) => item(step, toggle))));
}

function item(step, toggle) {
  const { key, kind, at, gap } = step;
  if (kind === "fold") {
    return el("li", { key }, el("button", { class: "btn btn-sm node", type: "button", on: { click: toggle },
      "aria-label": t("timeline.unfold", { count: step.count }) }, t("timeline.more", { count: step.count })));
  }
  const { sign, colour, what, text, title } = LOOKS[kind](step);
  const stamp = Date.parse(at);
  return el("li", { key, class: kind, title: title ?? null },
    gap >= SHORTEST_GAP && el("span", { class: "gap" }, duration(gap - (gap % 1000))),
    el("span", { class: `node is-${colour}` }, icon(sign)),
    el("span", { class: text ? `what text is-${colour}` : `what is-${colour}` }, what),
    el("time", { class: "when", datetime: at, title: full(stamp) },
      kind === "coming" && el("span", {}, t("timeline.earliest"), " "), el("span", {}, day(stamp)), " ",
      el("span", {}, clock(stamp))));
}

const LOOKS = {
  accepted: () => ({ sign: "inbox", colour: "delivered", what: t("timeline.accepted"), text: true }),
  attempt: ({ attempt }) => {
    const good = attempt.code >= 200 && attempt.code < 300;
    const look = good ? "delivered" : "failed";
    return { sign: look, colour: look, what: String(attempt.code ?? attempt.error),
      title: t("timeline.attempt", { number: attempt.number, outcome: outcomeWords(attempt) }) };
  },
  sending: () => ({ sign: "sending", colour: "sending", what: t("status.sending"), text: true }),
  action: ({ past }) => ({ sign: SIGNS[past.action] ?? "user", colour: "queued", text: true,
    what: word("action_done", past.action), title: t("timeline.by", { by: visibleLine(past.by ?? "") }) }),
  coming: ({ number }) => ({ sign: "queued", colour: "coming", what: t("timeline.coming", { number }), text: true }),
  end: ({ task }) => ({ sign: task.status, colour: task.status, what: word("status", task.status), text: true,
    title: task.reason ? word("reason", task.reason) : null }),
};
