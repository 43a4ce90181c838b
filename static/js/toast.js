// What is said to somebody who may not look where it changes: one short message about what was just done, and seldom
// one about what has happened by itself. Both stand in the page's one region that screen readers read out.
import { el, swap } from "./dom.js";
import { icon } from "./icon.js";

const SHOWN = 6_000;
const APART = 10_000; // ms between a message and one that nobody waits for
const QUIET = 1_000; // ms in which it may turn out not to be so
const region = el("div", { class: "toast", role: "status" });
let timer = null;
let last = -Infinity;
let waiting = null;
let soon = null;

/** The place of the messages, to be put into the page once. */
export function toastRegion() {
  return region;
}

/** Say what was done. */
export function toast(text, sign = "check") {
  say(el("p", {}, icon(sign), text));
}

/** Say what has happened, to screen readers alone, once there is quiet; of several things the last. */
export function announce(text) {
  waiting = text;
  wait();
}

function wait() {
  clearTimeout(soon);
  soon = setTimeout(() => {
    const message = el("p", { class: "hidden" }, waiting);
    waiting = null;
    say(message);
  }, Math.max(last + APART - performance.now(), QUIET));
}

function say(message) {
  last = performance.now();
  clearTimeout(timer);
  if (waiting !== null) wait();
  swap(region, message);
  timer = setTimeout(() => swap(region), SHOWN);
}
