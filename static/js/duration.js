// A duration in the units in which people count it. Pure.

export const SECOND = 1000; // ms
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const UNITS = [["d", DAY, 1], ["h", HOUR, 1], ["min", MINUTE, 2], ["s", SECOND, 2]];

/**
 * Milliseconds → at most two neighbouring units: [{unit, value, digits, fraction}], the least number of digits before
 * and the largest after the point. Below ten seconds there is one unit, with a fraction.
 */
export function split(ms) {
  if (ms < SECOND) return [{ unit: "ms", value: ms, digits: 1, fraction: ms < 10 ? 1 : 0 }];
  if (ms < 10 * SECOND) return [{ unit: "s", value: ms / SECOND, digits: 1, fraction: 1 }];
  const at = UNITS.findIndex(([, length]) => ms >= length);
  const [unit, length] = UNITS[at];
  const whole = { unit, value: Math.floor(ms / length), digits: 1, fraction: 0 };
  const [lower, lowerLength, digits] = UNITS[at + 1] ?? [];
  const rest = lower ? Math.floor((ms % length) / lowerLength) : 0;
  return rest ? [whole, { unit: lower, value: rest, digits, fraction: 0 }] : [whole];
}

/** As one looks at an age: nothing below a second; whole minutes after a minute, whole hours after a day. */
export function clipped(ms) {
  const step = ms < MINUTE ? SECOND : ms < DAY ? MINUTE : HOUR;
  return Math.max(ms - (ms % step), 0);
}
