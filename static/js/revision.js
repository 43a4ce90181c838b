// What is edited of a task: its fields as texts, what was changed in them, and the merge patch that says so (RFC 7396).

const TEXTS = ["url", "event", "max_attempts", "deliver_at", "body"];

/** The fields of a task as a form holds them; `body` is its text, null where it can't be edited as one. */
export function revisionOf(task, body) {
  const headers = Array.isArray(task.headers) ? task.headers : Object.entries(task.headers ?? {});
  return {
    url: task.url,
    event: task.event ?? "",
    max_attempts: String(task.max_attempts),
    deliver_at: task.deliver_at ? localTime(task.deliver_at) : "",
    body,
    headers: headers.map(([name, value], id) => ({ id, name, value })),
  };
}

/** What differs: [{field, name, before, after}]; `name` is that of a header; null is what was or will be not there. */
export function changesOf(before, after) {
  const texts = TEXTS.filter((field) => before[field] !== after[field])
    .map((field) => ({ field, name: null, before: before[field], after: after[field] }));
  const [old, fresh] = [headersOf(before), headersOf(after)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])];
  const headers = names.filter((name) => old.get(name) !== fresh.get(name)).map((name) => ({ field: "headers", name,
    before: old.get(name) ?? null, after: fresh.get(name) ?? null }));
  return [...texts, ...headers];
}

/** The JSON text of the patch. The body of a `json` task goes into it as it was typed, character by character. */
export function patchOf(changes, json) {
  const fields = {};
  let payload = null;
  for (const { field, name, after } of changes) {
    if (field === "headers") fields.headers = { ...fields.headers, [name]: after };
    else if (field === "max_attempts") fields[field] = /^\s*\d{1,9}\s*$/.test(after) ? Number(after) : after;
    else if (field === "deliver_at") fields[field] = after ? new Date(after).toISOString() : null;
    else if (field === "event") fields[field] = after || null;
    else if (field !== "body") fields[field] = after;
    else if (json || !after) payload = after.trim() || "null";
    else fields.body = after;
  }
  const text = JSON.stringify(fields);
  if (payload === null) return text;
  return `${text.slice(0, -1)}${text.length > 2 ? "," : ""}"payload":${payload}}`;
}

/** Mine laid over theirs, where both began with `base`: what I did not touch is theirs. */
export function over(base, mine, theirs) {
  const result = { ...theirs };
  for (const field of TEXTS) if (mine[field] !== base[field]) result[field] = mine[field];
  const headers = headersOf(theirs);
  for (const { field, name, after } of changesOf(base, mine)) {
    if (field !== "headers") continue;
    if (after === null) headers.delete(name);
    else headers.set(name, after);
  }
  return { ...result, headers: pairsOf(headers) };
}

/** A revision in which one change is taken back. */
export function without(revision, { field, name, before }) {
  if (field !== "headers") return { ...revision, [field]: before };
  const headers = headersOf(revision);
  if (before === null) headers.delete(name);
  else headers.set(name, before);
  return { ...revision, headers: pairsOf(headers) };
}

function headersOf({ headers }) {
  return new Map(headers.filter(({ name }) => name).map(({ name, value }) => [name, value]));
}

function pairsOf(headers) {
  return [...headers].map(([name, value], id) => ({ id, name, value }));
}

/** An instant as fields of the browser write it, in the reader's time. */
export function localTime(stamp) {
  const at = new Date(stamp);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
