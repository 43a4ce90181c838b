// A chart as a card: lines over time, read column by column with the pointer or the arrow keys, or as a table instead.
import { area, columnAfter, columnAt, HEIGHT, line, LINES, marks, spread, WIDTH, x, xOfTime } from "./chart.js";
import { el, lazy, svg } from "./dom.js";
import { minute, number } from "./format.js";
import { icon } from "./icon.js";
import { language, t } from "./message.js";
import { table } from "./table.js";

/** The readers of charts by their names: which time somebody looks at. `draw` is called when that changes. */
export function createReading(draw) {
  const at = new Map();
  return {
    column: (key, times) => {
      const column = times.indexOf(at.get(key));
      return column < 0 ? null : column;
    },
    read: (key, time) => {
      if (at.get(key) === time) return;
      at.set(key, time);
      draw();
    },
  };
}

/**
 * The card. `chart`: {key, title, scope, times, lines, top, write(value), label (in words), mark (a time), nothing};
 * a line: {name, look, values, dashed, filled}. `asTable` says which of the two is shown, `toggle` takes the other.
 */
export function chartCard(chart, { reading, asTable, toggle, old }) {
  const { key, title, scope, lines } = chart;
  const words = t(asTable ? "chart.as_chart" : "chart.as_table");
  const other = el("button", { class: "btn btn-quiet btn-sm btn-icon", type: "button", title: words,
    "aria-label": `${title}: ${words}`, "aria-pressed": String(asTable), on: { click: toggle } },
  icon("columns", "sm"));
  return el("section", { class: "card", key: `chart ${key}` },
    el("div", { class: "card-head" }, el("h2", {}, title), old, scope && el("span", { class: "scope" }, scope),
      lines.length > 1 && el("div", { class: "curves" }, lines.map((each) => el("span", {}, sample(each), each.name))),
      other),
    asTable ? asRows(chart) : plot(chart, reading));
}

function plot({ key, label, times, lines, top, write, mark, nothing }, reading) {
  const column = reading.column(key, times);
  const scale = marks(top).map((value) => (value ? write(value) : number(0)));
  const wide = lines.length > 1 && key === "flow";
  const memo = JSON.stringify([language(), times[0], times.length, scale, column, mark, nothing,
    lines.map(({ name, values }) => [name, values])]);
  const shown = column ?? times.length - 1;
  const go = (to) => reading.read(key, to === null ? null : times[to]);
  const leave = () => go(null);
  const point = ({ clientX, currentTarget }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    go(columnAt((clientX - left) / width, times.length));
  };
  const press = (event) => {
    const to = event.key === "Escape" ? null : columnAfter(event.key, shown, times.length);
    if (to === null && event.key !== "Escape") return;
    event.preventDefault();
    go(to);
  };
  return el("div", { class: "chart" },
    el("div", { class: "ys", "aria-hidden": "true" }, scale.map((text) => el("span", {}, text))),
    lazy("div", {
      key: `plot ${key}`, class: "plot", role: "slider", tabindex: "0", "aria-label": label, "aria-valuemin": 1,
      "aria-valuemax": times.length, "aria-valuenow": shown + 1,
      "aria-valuetext": inWords({ times, lines, write }, shown),
      on: { pointermove: point, pointerdown: point, pointerleave: leave, blur: leave, keydown: press },
    }, memo, () => [picture({ times, lines, top, mark, column }), nothing && el("span", { class: "nothing" }, nothing),
      column !== null && readOut({ times, lines, write }, column)]),
    el("div", { class: "xs", "aria-hidden": "true" },
      spread(times, wide ? 5 : 3).map((at) => el("span", {}, minute(at)))));
}

function picture({ times, lines, top, mark, column }) {
  const grid = Array.from({ length: LINES + 1 }, (_, index) => `M0 ${(HEIGHT / LINES) * index}H${WIDTH}`).join("");
  const upright = (at, kind) => at !== null && svg("path", { class: kind, d: `M${at} 0V${HEIGHT}` });
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { class: "chart-grid", d: grid }),
    lines.filter(({ filled }) => filled).map(({ look, values }) => svg("path", { class: `area f-${look}`,
      d: area(values, top) })),
    lines.map((each) => svg("path", { class: looks(each), d: line(each.values, top) })),
    upright(mark ? xOfTime(mark, times) : null, "chart-mark"),
    upright(column === null ? null : x(column, times.length), "chart-rule"));
}

// Beside the pointer, never under it.
function readOut({ times, lines, write }, column) {
  const side = column < times.length / 2 ? "right" : "left";
  return el("div", { class: `read-out at-${side}` }, el("b", {}, minute(times[column])),
    lines.map((each) => el("span", {}, sample(each), each.name, el("b", {}, valueOf(each, column, write)))));
}

function inWords({ times, lines, write }, column) {
  if (column < 0) return "";
  const values = lines.map((each) => t("chart.value", { name: each.name, value: valueOf(each, column, write) }));
  return [minute(times[column]), ...values].join(", ");
}

function asRows({ title, times, lines, write }) {
  const columns = [
    { name: "at", head: t("chart.time"), cell: (column) => minute(times[column]) },
    ...lines.map((each, index) => ({ name: `v${index}`, head: each.name, num: true,
      cell: (column) => valueOf(each, column, write) })),
  ];
  return el("div", { class: "readings", tabindex: "0", role: "region", "aria-label": title },
    table({ caption: title, kind: "low", columns, items: times.map((_, column) => column).reverse(),
      keyOf: (column) => String(times[column]) }));
}

function valueOf({ values }, column, write) {
  return values[column] === null ? "—" : write(values[column]);
}

function sample(each) {
  return svg("svg", { viewBox: "0 0 14 8", "aria-hidden": "true" }, svg("path", { class: looks(each), d: "M0 4h14" }));
}

function looks({ look, dashed }) {
  return dashed ? `chart-line s-${look} dashed` : `chart-line s-${look}`;
}
