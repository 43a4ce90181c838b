// What can stand next in the filter box, and what was probably meant. Pure: values that only the service knows are
// asked for by the box.
import { WORDS } from "./language.js";
import { nearest } from "./nearest.js";

const TIMES = [">-1h", ">-24h", ">-7d"];
const VALUES = {
  status: ["queued", "sending", "retrying", "delivered", "failed", "cancelled"],
  group: ["in_progress", "delivered", "failed", "cancelled"],
  reason: ["attempts_spent", "expired", "blocked", "stopped_by_recipient", "damaged"],
  error: ["dns", "connect", "tls", "timeout", "reset", "protocol", "blocked"],
  held: ["true", "false"],
};
const USUAL = { code: ["2xx", "4xx", "5xx", "429", "503"], created: TIMES, finished: TIMES, due: ["<-1m"],
  attempts: [">=2"] };
const FORMS = { code: /^[1-9](\d\d|xx)$/i, destination: /^https?:\/\/[^\s/]+$/i, parent: /^[0-9a-f-]{32,36}$/i };

/** What somebody types at the end of: {head, word, prefix}; `word` is null while the word itself is typed. */
export function typing(text) {
  const [, word, before, prefix] = /^(label\.[^:"]+|\w+):((?:[^,"]*,)*)"?([^,"]*)$/.exec(text) ?? [];
  return word ? { head: `${word}:${before}`, word, prefix } : { head: "", word: null, prefix: text };
}

/** What may follow, as far as the page knows it: words with their colon, or values; null: the service knows. */
export function options({ word, prefix }) {
  if (word === null) return beginning([...WORDS.map((each) => `${each}:`), "label."], prefix);
  const known = VALUES[word] ?? USUAL[word];
  return known ? beginning(known, prefix) : null;
}

/** Those that begin with what was typed, in whatever case, and go on. */
export function beginning(values, prefix) {
  return values.filter((each) => each.toLowerCase().startsWith(prefix.toLowerCase()) && each !== prefix);
}

/** What is wrong with a part of the filter, or null: {code, wrong, suggestion}. Only bounds can't be read as values. */
export function faultOf({ pairs, faults, text }) {
  const [first] = faults;
  if (first) return { ...first, code: first.code.replace("invalid_value", "invalid_bound"), wrong: text.split(":")[0] };
  for (const [name, value] of pairs ?? []) {
    const bad = VALUES[name] ? !VALUES[name].includes(value) : FORMS[name] && !FORMS[name].test(value);
    if (bad) return { code: "unknown_value", wrong: value, suggestion: nearest(value, VALUES[name] ?? []) };
  }
  return null;
}
