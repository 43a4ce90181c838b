// The states of a destination: how they look, and why one is not normal.
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { has, parts, t } from "./message.js";
import { now, time } from "./moment.js";

export const STATES = ["held", "throttled", "paused", "normal"]; // trouble first
export const STATE_LOOKS = {
  held: { colour: "is-failed", sign: "failed" },
  throttled: { colour: "is-retrying", sign: "clock" },
  paused: { colour: "is-cancelled", sign: "pause" },
  normal: { colour: "is-delivered", sign: "delivered" },
};

/** Icon and word of a state. */
export function stateLabel(state) {
  const { colour, sign } = STATE_LOOKS[state];
  return el("span", { class: `status ${colour}` }, icon(sign), t(`state.${state}`));
}

/** Since when the oldest task of a destination is due; null if its time is still to come. */
export function overdueSince({ oldest_due_at: due }) {
  return due && Date.parse(due) <= now() ? due : null;
}

/** Why a destination is not normal, since when, until when: a list of texts and elements. */
export function whyNotNormal({ state, reason, since, until }) {
  const kind = reason?.note ? "note" : `${reason?.kind}${reason?.code ? "_of" : ""}`;
  const key = `why.${state}.${kind}`;
  const because = t(has(key) ? key : `why.${state}`, {
    outcome: String(reason?.code ?? ""),
    value: visibleLine(reason?.value ?? ""),
    by: visibleLine(reason?.by ?? ""),
    note: visibleLine(reason?.note ?? ""),
  });
  return [
    because,
    since && !until && [" ", parts("why.since", { time: time(since, "nearby") })],
    since && until && [" ", parts("why.span", { since: time(since, "nearby"),
      until: el("b", {}, time(until, "nearby")) })],
  ];
}
