// What the service says of a task by codes, as messages: which one, and with what in its places.
import { has } from "./message.js";

const TIMES = { since: "ago", until: "nearby", at: "when" };
const FORMS = { attempt: "countdown", attempt_ends: "nearby", gives_up: "nearby" }; // of the time of these codes
const COUNTS = { order_key: "ahead", tasks_ahead: "count", delivered: "attempts", failed: "attempts", turn: "ahead" };

/**
 * The message of one code: {key, params}. `kind` is why, next or affected. Times are {stamp, form}, an outcome is
 * {outcome}, a length of time {ms}; the rest are texts and numbers. A code that is newer than this page: null.
 */
export function wording(kind, { code, params = {}, at, count }) {
  const key = keyOf(`explain.${kind}.${code}`, params);
  if (!has(key)) return null;
  const said = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shown(name, value)]));
  if (COUNTS[code]) said.count = params[COUNTS[code]] ?? 0;
  if (count !== undefined) said.count = count;
  if (at) said.at = { stamp: at, form: FORMS[code] ?? "when" };
  return { key, params: said };
}

// A reason has a message of its own; what is not told (others' affairs, a note that nobody wrote) needs another.
function keyOf(key, params) {
  if (has(`${key}.${params.reason}`)) return `${key}.${params.reason}`;
  const untold = Object.keys(params).filter((name) => params[name] === null);
  if (untold.length === 1 && has(`${key}_no_${untold[0]}`)) return `${key}_no_${untold[0]}`;
  return untold.length && has(`${key}_short`) ? `${key}_short` : key;
}

function shown(name, value) {
  if (value === null) return "";
  if (TIMES[name]) return { stamp: value, form: TIMES[name] };
  if (name === "outcome" || name === "code") return { outcome: String(value) };
  return name === "asked_s" ? { ms: Number(value) * 1000 } : value;
}
