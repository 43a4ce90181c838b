// Charts as numbers: what stands in a column, how high the scale is, which path a line takes. Pure.

export const WIDTH = 300;
export const HEIGHT = 100;
export const MOST = 300; // columns
export const LINES = 4; // of the grid, without the ground
const ROUND = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10];
const ROUND_TIMES = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2000, 2500, 5000, 10_000, 15_000, 30_000]; // ms
const SHORTEST = 10_000; // ms: less than that of a step says nothing of a minute

/** When each column begins: ms since the epoch. */
export function times({ from, step_s: step }, count) {
  return Array.from({ length: count }, (_, index) => Date.parse(from) + index * step * 1000);
}

/** Counts of steps → per minute. The last step is under way for `elapsed` ms; null while that is too short. */
export function perMinute(counts, step, elapsed) {
  return counts.map((count, index) => {
    const span = index < counts.length - 1 ? step * 1000 : Math.min(elapsed, step * 1000);
    return span < SHORTEST ? null : (count * 60_000) / span;
  });
}

/** The top of a scale of counts: round, a multiple of LINES, so that each line stands for a whole number. */
export function topOf(most) {
  const least = Math.max(most / LINES, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = ROUND.map((each) => each * power).find((each) => each >= least && Number.isInteger(each));
  return step * LINES;
}

/** The same of milliseconds. */
export function topOfTimes(most) {
  const least = most / LINES;
  return (ROUND_TIMES.find((step) => step >= least) ?? Math.ceil(least / 60_000) * 60_000) * LINES;
}

/** The labels of a scale, from the ground up. */
export function marks(top) {
  return Array.from({ length: LINES + 1 }, (_, index) => (top / LINES) * index);
}

/** So many of the times, from the first to the last at equal steps; fewer if there are not so many. */
export function spread(all, count) {
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, index) => all[Math.round((index * (all.length - 1)) / (count - 1))]);
}

/** The path of a line; where a value is not known it has a gap, and a value alone is a dot. */
export function line(values, top) {
  return runs(values).map(([start, run]) => {
    const points = run.map((value, index) => point(start + index, value, values.length, top));
    return `M${points.join("L")}${points.length === 1 ? "h0" : ""}`;
  }).join("");
}

/** The path of what lies below a line. */
export function area(values, top) {
  return runs(values).map(([start, run]) => {
    const points = run.map((value, index) => point(start + index, value, values.length, top));
    const end = start + run.length - 1;
    return `M${x(start, values.length)} ${HEIGHT}L${points.join("L")}L${x(end, values.length)} ${HEIGHT}Z`;
  }).join("");
}

/** Where a column stands. */
export function x(column, count) {
  return count < 2 ? 0 : rounded((column * WIDTH) / (count - 1));
}

/** Where a time stands among columns; null outside of them. */
export function xOfTime(at, all) {
  const [first, last] = [all[0], all.at(-1)];
  return all.length > 1 && at >= first && at <= last ? rounded(((at - first) / (last - first)) * WIDTH) : null;
}

/** The column nearest to a share of the width. */
export function columnAt(share, count) {
  return Math.round(Math.min(Math.max(share, 0), 1) * (count - 1));
}

/** The column that a key leads to; null if the key is none of those that move. */
export function columnAfter(key, column, count) {
  const far = Math.max(Math.round(count / 10), 1);
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far,
    Home: -count, End: count };
  return Object.hasOwn(steps, key) ? Math.min(Math.max(column + steps[key], 0), count - 1) : null;
}

/** The highest of values and its column: {value, column}; null if none is known. */
export function peak(values) {
  const value = Math.max(...values.filter((each) => each !== null));
  return Number.isFinite(value) ? { value, column: values.indexOf(value) } : null;
}

/** The last value that is known, or null. */
export function latest(values) {
  return values.findLast((value) => value !== null) ?? null;
}

// Values that are known one after another: [column of the first, values].
function runs(values) {
  const found = [];
  values.forEach((value, column) => {
    if (value === null) return;
    if (column && values[column - 1] !== null) found.at(-1)[1].push(value);
    else found.push([column, [value]]);
  });
  return found;
}

function point(column, value, count, top) {
  return `${x(column, count)} ${rounded(HEIGHT - (value / top) * HEIGHT)}`;
}

function rounded(value) {
  return Math.round(value * 10) / 10;
}
