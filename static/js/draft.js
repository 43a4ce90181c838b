// A task as it is being written: what the form holds, and the JSON text it becomes. Kept while the page is open, so
// that leaving the form, a refusal or an answer that never came loses nothing.
import { faultOf } from "./payload.js";

/** An empty draft. Kinds of payload: json, text, none. */
export function emptyDraft() {
  return { method: "POST", url: "", kind: "json", json: "", text: "", event: "", labels: [], headers: [],
    max_attempts: "" };
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
  if (draft.url.trim()) fields.url = draft.url.trim();
  if (draft.event.trim()) fields.event = draft.event.trim();
  if (draft.kind === "text") fields.body = draft.text;
  if (draft.max_attempts.trim()) fields.max_attempts = wholeNumber(draft.max_attempts);
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

/** Those that no field shows. `draft` says which names its labels and headers have. */
export function faultsElsewhere(faults, draft) {
  const shown = ["/url", "/method", "/event", "/max_attempts", "/labels", "/headers", "/payload", "/body"];
  for (const name of ["labels", "headers"]) {
    for (const pair of draft[name]) if (pair.name) shown.push(`/${name}/${escaped(pair.name)}`);
  }
  return faults.filter(({ pointer }) => !shown.includes(pointer));
}

// RFC 6901
function escaped(name) {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

// What is no whole number goes out as text, for the server to say what is wrong with it.
function wholeNumber(text) {
  return /^\s*-?\d{1,9}\s*$/.test(text) ? Number(text) : text.trim();
}
