// A small line beside a figure: how it came about, minute by minute of the last hour.
import { HEIGHT, line, peak, WIDTH } from "./chart.js";
import { el, svg } from "./dom.js";
import { minute, number } from "./format.js";
import { t } from "./message.js";

const MINUTES = 60;
const LEAST = 3; // minutes: of fewer a line is a dot or a stroke that says nothing

/** What a destination's `series` says of each whole minute of the last hour; null: not known, or too few to tell. */
export function wholeMinutes(series) {
  const whole = series?.delivered.slice(0, -1) ?? []; // the last one is under way
  const told = whole.length < LEAST ? [] : whole;
  return [...Array(MINUTES - 1 - told.length).fill(null), ...told];
}

/** The figure with its line, if there is one. */
export function withLine(figure, series) {
  const values = wholeMinutes(series);
  const most = peak(values);
  if (most === null) return el("span", { class: "spark" }, el("span", {}, number(figure)));
  const begin = Date.parse(series.from);
  const at = begin + (most.column - values.length + series.delivered.length - 1) * series.step_s * 1000;
  const words = t(most.value ? "destinations.line" : "destinations.line_none", { from: minute(begin),
    most: most.value, at: minute(at), last: values.at(-1) });
  return el("span", { class: "spark", title: words },
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words },
      svg("path", { d: line(values, Math.max(most.value, 1)) })),
    el("span", {}, number(figure)));
}
