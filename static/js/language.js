// The filter language, as the service reads it: status:failed,retrying created:>-24h label.tenant:acme "free text".
// Space means "and", comma "or"; values are bare or in quotes. Pure.
import { BOUNDED, readBounds, writeBounds } from "./bounds.js";
import { nearest } from "./nearest.js";

export const WORDS = [
  "status", "group", "reason", "method", "destination", "source", "event", "code", "error", "order_key", "parent",
  "held", ...Object.keys(BOUNDED),
];

const S = " \\t\\r\\n\\u00a0";
const WORD = new RegExp(`(?:label\\.("(?:[^"\\\\]|\\\\["\\\\])*")|([A-Za-z][^${S}:,"]*)):(?!//)`, "y");
const NEGATED = new RegExp(`[-!](?:${WORDS.join("|")}|label\\.[^${S}:]+):`, "y");
const BLANK = new RegExp(`[${S}]*`, "y");
const IN_TERM = new RegExp(`[^${S},]*`, "y");
const FREE = new RegExp(`[^${S}]*`, "y");
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const AFTER_QUOTE = new RegExp(`[${S},]`);

/** Text → its parts, each {text, pairs, free, faults}: a term has pairs [name, value], free text has `free`. */
export function read(text) {
  const parts = [];
  let at = 0;
  let faults = [];

  const fault = (place, code, more) => faults.push({ column: place + 1, code, ...more });
  const found = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };

  function part() {
    const word = found(WORD);
    if (word) return { pairs: term(word) };
    NEGATED.lastIndex = at;
    if (!NEGATED.test(text)) return { free: value(FREE) };
    fault(at, "no_negation");
    found(FREE);
    return {};
  }

  function term({ index, 1: label, 2: bare }) {
    const word = bare ?? `label.${unquoted(label)}`;
    const values = [[at, value(IN_TERM)]];
    while (text[at] === ",") {
      at += 1;
      values.push([at, value(IN_TERM)]);
    }
    if (!isWord(word)) fault(index, "unknown_word", hint(word));
    else if (!BOUNDED[word]) return values.filter(([, each]) => each).map(([, each]) => [word, each]);
    else if (values.length > 1) fault(values[1][0], "too_many", { max: 1 });
    else if (values[0][1]) {
      const pairs = readBounds(word, values[0][1]);
      if (pairs) return pairs;
      fault(values[0][0], "invalid_value");
    }
    return [];
  }

  // The value that begins here; empty if something is wrong with it.
  function value(bare) {
    const begun = at;
    const told = faults.length;
    const inQuotes = text[at] === '"';
    const taken = inQuotes ? quoted() : found(bare)[0];
    if (!inQuotes && taken.includes('"')) {
      fault(begun + taken.indexOf('"'), "misplaced_quote");
      found(FREE);
    } else if (!taken && told === faults.length) fault(begun, "value_missing");
    return taken;
  }

  function quoted() {
    const begun = at;
    const match = found(QUOTED);
    if (!match) {
      fault(at, "unclosed_quote");
      at = text.length;
      return "";
    }
    for (const { 1: escaped, index } of match[1].matchAll(/\\(.)/gs)) {
      if (!'"\\'.includes(escaped)) fault(begun + 1 + index, "bad_escape");
    }
    if (at < text.length && !AFTER_QUOTE.test(text[at])) {
      fault(at, "misplaced_quote");
      found(FREE);
    }
    return unquoted(match[0]);
  }

  while (found(BLANK) && at < text.length) {
    const begun = at;
    faults = [];
    const said = part();
    parts.push({ pairs: null, free: null, ...said, text: text.slice(begun, at), faults });
  }
  return parts;
}

/** The term that says that a field has one of `values`; {name: value} of the two bounds for a bounded word. */
export function writeTerm(word, values) {
  if (BOUNDED[word]) return `${word}:${inQuotes(writeBounds(word, values), /[\s"]/)}`;
  const name = word.startsWith("label.") ? `label.${inQuotes(word.slice(6), /[\s:,"]/)}` : word;
  return `${name}:${values.map((each) => inQuotes(each, /[\s,"]/)).join(",")}`;
}

/** Free text, in quotes if it would be read as something else. */
export function writeFree(text) {
  const [only, ...more] = read(text);
  return inQuotes(text, only?.free === text && !more.length ? /[\s"]/ : /^/);
}

/** A text from elsewhere as a filter: what can't be read as one is free text. */
export function writeText(text) {
  return read(text).map((part) => (part.faults.length ? writeFree(part.text) : part.text)).join(" ");
}

/** Is it a word of the language? */
export function isWord(word) {
  return WORDS.includes(word) || /^label\../s.test(word);
}

function hint(word) {
  const suggestion = nearest(word, [...WORDS, "label.NAME"]);
  return suggestion ? { suggestion } : {};
}

function inQuotes(text, rule) {
  return rule.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text;
}

function unquoted(text) {
  return text.slice(1, -1).replace(/\\(["\\])/g, "$1");
}
