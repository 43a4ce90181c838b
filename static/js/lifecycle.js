// The life of a task, drawn.
import { svg } from "./dom.js";
import { icon } from "./icon.js";
import { t, word } from "./message.js";

const WIDTH = 160;
const BOXES = {
  queued: [150, 42], sending: [400, 42], retrying: [400, 130],
  delivered: [760, 42], failed: [760, 130], cancelled: [400, 214],
};
const ARROWS = [
  "M76 59h72", "M310 59h88", "M560 52h198", "M452 78v50", "M508 130V78", "M560 66h30v81h168", "M230 76v155h168",
  "M480 164v48",
];
const RETRY_ARROWS = ["M560 231h390V20H230v20", "M920 59h30M920 147h30"];
const WORDS = {
  accepted: [38, 63], success: [659, 45], no_success: [424, 107], due: [530, 107], given_up: [674, 140],
  cancel: [314, 224], cancel_retrying: [510, 192], retry: [590, 13],
};

/** An SVG that scales with its place. */
export function lifecycle() {
  return svg("svg", { class: "flow", viewBox: "0 0 960 256", role: "img", "aria-label": t("lifecycle.label") },
    svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7,
      markerHeight: 7, orient: "auto-start-reverse" }, svg("path", { d: "M1 1 7 4 1 7" }))),
    ARROWS.map((d) => svg("path", { d, "marker-end": "url(#arrow)" })),
    RETRY_ARROWS.map((d, index) => svg("path", { d, class: "dashed", "marker-end": index ? null : "url(#arrow)" })),
    Object.entries(BOXES).map(box),
    Object.entries(WORDS).map(([name, [x, y]]) => svg("text", { x, y }, t(`lifecycle.${name}`))));
}

function box([status, [x, y]]) {
  const sign = icon(status);
  for (const [name, value] of Object.entries({ x: x + 9, y: y + 9, width: 16, height: 16 })) {
    sign.setAttribute(name, value);
  }
  return svg("g", {}, svg("rect", { x, y, width: WIDTH, height: 34, rx: 8 }), svg("g", { class: `is-${status}` }, sign),
    svg("text", { class: "box", x: x + WIDTH / 2 + 10, y: y + 21 }, word("status", status)));
}
