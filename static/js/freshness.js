// How old something is that the page shows: what could not be refreshed says so.
import { el } from "./dom.js";
import { clock } from "./format.js";
import { t } from "./message.js";
import { now } from "./moment.js";

const OLD = 10_000; // ms

/**
 * Is what a resource knows old? `live` is the page's: where nothing is refreshed, all gets old after a while; where it
 * is again, what is of before is old until it was asked for.
 */
export function isOld({ data, error, at }, live) {
  if (data === null) return false;
  return error !== null || at <= live.gap || ((live.stale || live.paused) && now() - at > OLD);
}

/** The mark beside a heading, if it is. */
export function oldMark(resource, live) {
  if (!isOld(resource, live)) return null;
  return el("span", { class: "old" }, el("span", { class: "dot dot-stale" }),
    t("live.data_of", { time: clock(resource.at) }));
}
