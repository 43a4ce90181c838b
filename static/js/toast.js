// One short message at a time about what was just done, read out by screen readers.
import { el, swap } from "./dom.js";
import { icon } from "./icon.js";

const SHOWN = 6_000;
const region = el("div", { class: "toast", role: "status" });
let timer = null;

/** The place of the messages, to be put into the page once. */
export function toastRegion() {
  return region;
}

/** Say something. */
export function toast(text, sign = "check") {
  clearTimeout(timer);
  swap(region, el("p", {}, icon(sign), text));
  timer = setTimeout(() => swap(region), SHOWN);
}
