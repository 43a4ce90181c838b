// A task as it is being written: what the form holds, and the JSON text it becomes. Kept while the page is open, so
// that leaving the form, a refusal or an answer that never came loses nothing.
import { faultOf } from "./payload.js";

const SHOWN = ["url", "method", "event", "order_key", "content_type", "max_attempts", "timeout", "deliver_at", "ttl",
  "labels", "headers", "payload", "body", "body_base64"];
const WITH_PARTS = ["retry", "callback"];

/** An empty draft. Kinds of payload: json, text, file ({name, size, type, base64}, or null), none. */
export function emptyDraft() {
  return { method: "POST", url: "", kind: "json", json: "", text: "", file: null, content_type: "", event: "",
    order_key: "", labels: [], headers: [], max_attempts: "", waits: "", timeout: "", deliver_at: "", ttl: "",
    callback: "" };
}

/** Is there anything in it? */
export function isChanged(draft) {
  const { method, ...rest } = draft;
  const { method: _, ...usual } = emptyDraft();
  return JSON.stringify(rest) !== JSON.stringify(usual);
}

/**
 * The JSON text of the call. A JSON payload goes into it as it was typed, character by character: no number is read
 * into a value on the way.
 */
export function toBody(draft) {
  const fields = { method: draft.method };
  for (const name of ["url", "event", "order_key", "content_type", "ttl"]) {
    if (draft[name].trim()) fields[name] = draft[name].trim();
  }
  if (draft.kind === "text") fields.body = draft.text;
  if (draft.kind === "file" && draft.file) fields.body_base64 = draft.file.base64;
  if (draft.max_attempts.trim()) fields.max_attempts = figure(draft.max_attempts);
  if (draft.timeout.trim()) fields.timeout = figure(draft.timeout);
  if (draft.waits.trim()) fields.retry = { schedule: draft.waits.split(/[,;\s]+/).filter(Boolean).map(figure) };
  if (draft.deliver_at) fields.deliver_at = new Date(draft.deliver_at).toISOString();
  if (draft.callback.trim()) fields.callback = { url: draft.callback.trim() };
  for (const name of ["labels", "headers"]) {
    const given = draft[name].filter((pair) => pair.name || pair.value);
    if (given.length) fields[name] = Object.fromEntries(given.map((pair) => [pair.name, pair.value]));
  }
  const text = JSON.stringify(fields);
  const payload = draft.kind === "json" ? draft.json.trim() : "";
  return payload ? `${text.slice(0, -1)},"payload":${payload}}` : text;
}

/** What the page itself can tell to be wrong, in the form of the server's faults. */
export function faultsOfDraft(draft) {
  const faults = [];
  const fault = draft.kind === "json" && draft.json.trim() ? faultOf(draft.json) : null;
  if (fault) faults.push({ pointer: "/payload", code: `json_${fault.code}`, params: fault });
  for (const name of ["labels", "headers"]) {
    const names = draft[name].map((pair) => pair.name).filter(Boolean);
    const twice = names.find((one, index) => names.indexOf(one) !== index);
    if (twice !== undefined) faults.push({ pointer: `/${name}/${escaped(twice)}`, code: "name_twice", params: {} });
  }
  return faults;
}

/** The faults of a field: those whose pointer names it. */
export function faultsAt(faults, ...path) {
  const pointer = path.map((part) => `/${escaped(part)}`).join("");
  return faults.filter((fault) => fault.pointer === pointer);
}

/** The same, with those of its parts. */
export function faultsUnder(faults, name) {
  return faults.filter(({ pointer }) => pointer === `/${name}` || pointer.startsWith(`/${name}/`));
}

/** Those that no field shows. `draft` says which names its labels and headers have. */
export function faultsElsewhere(faults, draft) {
  const shown = SHOWN.map((name) => `/${name}`);
  for (const name of ["labels", "headers"]) {
    for (const pair of draft[name]) if (pair.name) shown.push(`/${name}/${escaped(pair.name)}`);
  }
  const whole = WITH_PARTS.flatMap((name) => faultsUnder(faults, name));
  return faults.filter((fault) => !shown.includes(fault.pointer) && !whole.includes(fault));
}

// RFC 6901
function escaped(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

// What is no number goes out as text: a duration, or something for the server to say what is wrong with it.
function figure(text) {
  return /^\s*-?\d{1,9}(\.\d{1,3})?\s*$/.test(text) ? Number(text) : text.trim();
}
