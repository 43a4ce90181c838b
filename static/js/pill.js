// How up to date the page is, in a pill with the button that pauses it.
import { el } from "./dom.js";
import { clock } from "./format.js";
import { icon } from "./icon.js";
import { t } from "./message.js";

const DOTS = { live: "dot", polling: "dot", paused: "dot dot-paused" };

/** The state of the updates in words. */
export function liveWords({ state, since }) {
  if (state !== "stale") return t(`live.${state}`);
  return since ? t("live.stale", { time: clock(since) }) : t("live.none");
}

/** The pill. */
export function livePill({ live }, { toggleLive }) {
  const time = live.since && clock(live.since);
  const label = live.paused ? t("live.resume") : t("live.pause");
  return el("div", { class: "live", title: time && t("live.data_of", { time }) },
    el("span", { class: DOTS[live.state] ?? "dot dot-stale" }),
    el("span", { class: "live-text" }, liveWords(live)),
    el("button", { class: "btn btn-quiet btn-sm btn-icon btn-round", type: "button", "aria-label": label, title: label,
      on: { click: toggleLive } }, icon(live.paused ? "play" : "pause", "sm")));
}
