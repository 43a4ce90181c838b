// The filter of the task list. The filter box and the URL are two writings of it; names in the URL are the API's.
// A filter: {terms: {name: [values]}, rest: [texts], cursor, limit, oldest}; `rest` are the parts that the parameters
// can't say (free text, a second term of a word, commas in a value, what can't be read), each in the filter language:
// they go into `q`.
import { BOUNDED } from "./bounds.js";
import { isWord, read, WORDS, writeFree, writeTerm } from "./language.js";

export const LIMITS = [25, 50, 100, 200];
const USUAL_LIMIT = 50;
const FIELDS = [
  "group", "status", "reason", "method", "destination", "source", "event", "code", "error", "parent",
  ...Object.values(BOUNDED).flat().filter(Boolean), "order_key", "held",
];
const EMPTY = { terms: {}, rest: [], cursor: null, limit: USUAL_LIMIT, oldest: false };

/** URLSearchParams → filter. What is no field of it is left out: it belongs to others (lang) or means nothing. */
export function fromParams(params) {
  const terms = {};
  for (const [name, text] of params) {
    if (!isField(name)) continue;
    const values = text.split(",").map((value) => value.trim()).filter(Boolean);
    if (values.length) terms[name] = [...new Set([...(terms[name] ?? []), ...values])];
  }
  const { terms: all, rest } = joined(terms, read(params.getAll("q").join(" ")));
  const limit = Number(params.get("limit"));
  return { terms: all, rest, cursor: params.get("cursor") || null, oldest: params.get("order") === "oldest",
    limit: LIMITS.includes(limit) ? limit : USUAL_LIMIT };
}

/** Filter → URLSearchParams, always in the same order; what is usual is left out. */
export function toParams(filter) {
  const params = conditions(filter);
  if (filter.oldest) params.set("order", "oldest");
  if (filter.limit !== USUAL_LIMIT) params.set("limit", filter.limit);
  if (filter.cursor) params.set("cursor", filter.cursor);
  return params;
}

/** The part of it that says which tasks, for calls without pages. */
export function conditions({ terms, rest }) {
  const params = new URLSearchParams();
  for (const name of Object.keys(terms).sort(byPlace)) params.set(name, terms[name].join(","));
  if (rest.length) params.set("q", rest.join(" "));
  return params;
}

/** Text of the filter box → {terms, rest, parts}; a part with faults stays as it was written. */
export function parse(text) {
  const parts = read(text);
  return { ...joined({}, parts), parts };
}

/** Filter → its terms as texts, in the order in which they are shown. */
export function chips({ terms, rest }) {
  const labels = Object.keys(terms).filter((name) => name.startsWith("label.")).sort();
  const written = [...WORDS, ...labels].map((word) => {
    if (!BOUNDED[word]) return terms[word] && writeTerm(word, terms[word]);
    const given = BOUNDED[word].filter((name) => terms[name]).map((name) => [name, terms[name][0]]);
    return given.length && writeTerm(word, Object.fromEntries(given));
  });
  return [...written.filter(Boolean), ...rest];
}

/** Filter → text. */
export function format(filter) {
  return chips(filter).join(" ");
}

/** A filter in the form that bulk operations have it in ({name: value or list, label: {name: …}}) → filter. */
export function fromJson({ label = {}, ...fields }) {
  const pairs = [...Object.entries(fields), ...Object.entries(label).map(([name, value]) => [`label.${name}`, value])];
  return fromParams(new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])));
}

/** The filter with one field set to `values`; none: without it. The list begins anew. */
export function withTerm(filter, name, values) {
  const { [name]: _, ...rest } = filter.terms;
  return { ...filter, terms: values.length ? { ...rest, [name]: values } : rest, cursor: null };
}

/** The filter with other conditions; without them: with none. The list begins anew. */
export function withConditions(filter, { terms, rest } = EMPTY) {
  return { ...filter, terms, rest, cursor: null };
}

/** Can all of it be read? */
export function isReadable({ rest }) {
  return read(rest.join(" ")).every(({ faults }) => !faults.length);
}

/** Does it ask for anything but a group and a status? */
export function isNarrowed({ terms, rest }) {
  return rest.length > 0 || Object.keys(terms).some((name) => name !== "group" && name !== "status");
}

/** Does a task's status still match? `groupOf` knows the group of a status. */
export function matchesStatus({ terms }, status, groupOf) {
  if (terms.status && !terms.status.includes(status)) return false;
  return !terms.group || terms.group.includes(groupOf(status));
}

// Parts added to terms: those that fit in there, and the texts of the others. What can't be read is kept: without it
// more tasks would match than were asked for.
function joined(terms, parts) {
  const all = { ...terms };
  const rest = [];
  for (const { pairs, free, faults, text } of parts) {
    if (faults.length) rest.push(text);
    else if (free !== null) rest.push(writeFree(free));
    else if (pairs.some(([name, value]) => all[name] || /^\s|,|\s$/.test(value))) rest.push(written(pairs));
    else for (const [name, value] of pairs) all[name] = [...new Set([...(all[name] ?? []), value])];
  }
  return { terms: all, rest };
}

// The text of pairs that are one term; days are written as instants, as the service's days are UTC.
function written(pairs) {
  const [[name]] = pairs;
  const word = Object.keys(BOUNDED).find((each) => BOUNDED[each].includes(name));
  if (!word) return writeTerm(name, pairs.map(([, value]) => value));
  const { [BOUNDED[word][0]]: low, [BOUNDED[word][1]]: high } = Object.fromEntries(pairs);
  const value = low && high ? `${low}..${high}` : low ? `>=${low}` : `<${high}`;
  return `${word}:${value}`;
}

function isField(name) {
  return FIELDS.includes(name) || (isWord(name) && !WORDS.includes(name));
}

function byPlace(one, other) {
  const place = (name) => (FIELDS.includes(name) ? FIELDS.indexOf(name) : FIELDS.length);
  return place(one) - place(other) || (one < other ? -1 : 1);
}
