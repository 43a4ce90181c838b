// The filter of the task list and its place in the URL. Names are those of the API, so a link says what it asks.
// A filter: {terms: {name: [values]}, cursor, limit}.

const FIELDS = [
  "group", "status", "reason", "method", "destination", "source", "event", "code", "error", "parent",
  "created_from", "created_to", "finished_from", "finished_to", "due_before", "attempts_from",
  "order_key", "held",
];
export const LIMITS = [25, 50, 100, 200];
export const USUAL_LIMIT = 50;

/** URLSearchParams → filter. What is no field of it is left out: it belongs to others (lang) or means nothing. */
export function fromParams(params) {
  const terms = {};
  for (const [name, text] of params) {
    if (!isField(name)) continue;
    const values = text.split(",").map((value) => value.trim()).filter(Boolean);
    if (values.length) terms[name] = [...new Set([...(terms[name] ?? []), ...values])];
  }
  const limit = Number(params.get("limit"));
  return { terms, cursor: params.get("cursor") || null, limit: LIMITS.includes(limit) ? limit : USUAL_LIMIT };
}

/** Filter → URLSearchParams, always in the same order; what is usual is left out. */
export function toParams({ terms, cursor, limit }) {
  const params = new URLSearchParams();
  for (const name of Object.keys(terms).sort(byPlace)) params.set(name, terms[name].join(","));
  if (limit !== USUAL_LIMIT) params.set("limit", limit);
  if (cursor) params.set("cursor", cursor);
  return params;
}

/** The filter with one field set to `values`; none: without it. The list begins anew. */
export function withTerm(filter, name, values) {
  const { [name]: _, ...rest } = filter.terms;
  return { ...filter, terms: values.length ? { ...rest, [name]: values } : rest, cursor: null };
}

/** The filter without any term. */
export function withoutTerms(filter) {
  return { ...filter, terms: {}, cursor: null };
}

/** The terms that are neither group nor status, as [name, values]: those have controls of their own. */
export function otherTerms({ terms }) {
  return Object.keys(terms).sort(byPlace).filter((name) => name !== "group" && name !== "status")
    .map((name) => [name, terms[name]]);
}

/** Does a task's status still match? `groupOf` knows the group of a status. */
export function matchesStatus({ terms }, status, groupOf) {
  if (terms.status && !terms.status.includes(status)) return false;
  return !terms.group || terms.group.includes(groupOf(status));
}

function isField(name) {
  return FIELDS.includes(name) || /^label\../.test(name);
}

function byPlace(one, other) {
  const place = (name) => (FIELDS.includes(name) ? FIELDS.indexOf(name) : FIELDS.length);
  return place(one) - place(other) || (one < other ? -1 : 1);
}
