// The charts of the overview: what they show of /stats, and what they say in words.
import { latest, MOST, peak, perMinute, times, topOf, topOfTimes } from "./chart.js";
import { duration, minute, number } from "./format.js";
import { t } from "./message.js";

const FLOW = { accepted: { look: "accent", dashed: true }, delivered: { look: "delivered" },
  not_2xx: { look: "failed", filled: true } };
const SHARES = { p50: { look: "muted" }, p95: { look: "sending" }, p99: { look: "queued", dashed: true } };

/** The three of them; `since` is the time from when on something has been wrong, or null. */
export function charts({ as_of: at, series, now }, since) {
  const begun = times(series, series.accepted.length).slice(-MOST);
  const elapsed = Date.parse(at) - begun.at(-1);
  const kept = (name) => series[name].slice(-MOST);
  return [
    flow(begun, (name) => perMinute(kept(name), series.step_s, elapsed), since),
    waiting(begun, kept("waiting"), now),
    took(begun, (name) => kept(`${name}_ms`)),
  ];
}

function flow(begun, rates, since) {
  const lines = Object.entries(FLOW).map(([name, looks]) => ({ ...looks, name: t(`chart.${name}`),
    values: rates(name) }));
  const [accepted, delivered, bad] = lines.map(({ values }) => values);
  const worst = peak(bad);
  const label = t("chart.flow_label", { from: minute(begun[0]), accepted: rate(mean(accepted)),
    delivered: rate(mean(delivered)), bad: rate(mean(bad)), most: rate(worst?.value ?? 0),
    at: minute(begun[worst?.column ?? 0]) });
  const most = highest(lines);
  return { key: "flow", title: t("chart.flow"), times: begun, lines, top: topOf(most), write: rate, label, mark: since,
    nothing: most ? null : t("chart.no_flow") };
}

// The step under way ends with what waits now.
function waiting(begun, known, now) {
  const count = now.queued + now.sending + now.retrying;
  const values = known.map((value, column) => value ?? (column === known.length - 1 ? count : null));
  const first = values.findIndex((value) => value !== null);
  const most = peak(values);
  const label = t("chart.waiting_label", { from: minute(begun[first]), first: number(values[first]),
    last: number(count), most: number(most.value), at: minute(begun[most.column]) });
  const lines = [{ name: t("chart.waiting"), look: "retrying", filled: true, values }];
  return { key: "waiting", title: t("chart.waiting"), scope: number(count), times: begun, lines, top: topOf(most.value),
    write: number, label };
}

function took(begun, values) {
  const lines = Object.entries(SHARES).map(([name, looks]) => ({ ...looks, name, values: values(name) }));
  const most = highest(lines);
  const last = Object.fromEntries(lines.map((each) => [each.name, duration(latest(each.values) ?? 0)]));
  return { key: "took", title: t("chart.took"), times: begun, lines, top: topOfTimes(most), write: duration,
    label: t(most ? "chart.took_label" : "chart.no_took_label", last), nothing: most ? null : t("chart.no_took") };
}

/** A rate as people read it: with a fraction where it is small. */
export function rate(value) {
  return number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}

function highest(lines) {
  return Math.max(0, ...lines.map(({ values }) => peak(values)?.value ?? 0));
}

function mean(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : 0;
}
