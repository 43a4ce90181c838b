// A task as it is being written: what the form holds, and what can be told to be wrong with it. Kept while the page is
// open, so that leaving the form, a refusal or an answer that never came loses nothing.
import { faultOf, membersOf, nameTwice } from "./payload.js";

const SHOWN = ["url", "method", "event", "order_key", "content_type", "max_attempts", "timeout", "deliver_at", "ttl",
  "labels", "headers", "payload", "body", "body_base64"];
const WITH_PARTS = ["retry", "callback"];

/**
 * An empty draft. Kinds of payload: json, text, file ({name, size, type, base64}, or null), none. `more` are members of
 * the request that the form has no field for, [[name, JSON text]]; `written` is the request as somebody typed it, or
 * null where it follows from the fields.
 */
export function emptyDraft() {
  return { method: "POST", url: "", kind: "json", json: "", text: "", file: null, content_type: "", event: "",
    order_key: "", labels: [], headers: [], max_attempts: "", waits: "", timeout: "", deliver_at: "", ttl: "",
    callback: "", more: [], written: null };
}

/** Is there anything in it? */
export function isChanged(draft) {
  const { method, ...rest } = draft;
  const { method: _, ...usual } = emptyDraft();
  return JSON.stringify(rest) !== JSON.stringify(usual);
}

/** A draft with a file, whose type is taken over, unless another was typed. */
export function withFile(draft, file) {
  const typed = draft.content_type && draft.content_type !== draft.file?.type;
  return { ...draft, file, content_type: typed ? draft.content_type : file.type };
}

/** A draft with another kind of payload: the type of a file is of no other. */
export function ofKind(draft, kind) {
  const type = draft.file?.type;
  if (!type || kind === draft.kind) return { ...draft, kind };
  const [from, to] = kind === "file" ? ["", type] : [type, ""];
  return { ...draft, kind, content_type: draft.content_type === from ? to : draft.content_type };
}

/** What the page itself can tell to be wrong, in the form of the server's faults. */
export function faultsOfDraft(draft) {
  const unread = draft.written === null ? null : faultOfRequest(draft.written);
  if (unread) return [unread];
  const faults = [];
  const fault = draft.kind === "json" && draft.json.trim() ? faultOf(draft.json) : null;
  if (fault) faults.push({ pointer: "/payload", code: `json_${fault.code}`, params: fault });
  return [...faults, ...twiceFaults("labels", draft.labels), ...twiceFaults("headers", draft.headers)];
}

/** The fault that a name is given twice among the pairs of a field; or none. */
export function twiceFaults(field, pairs) {
  const names = pairs.map(({ name }) => name).filter(Boolean);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  return twice === undefined ? [] : [{ pointer: `/${field}/${escaped(twice)}`, code: "name_twice", params: {} }];
}

/** What is wrong with a text that is to be a request, before anything in it is looked at; or null. */
export function faultOfRequest(text) {
  const fault = faultOf(text) ?? (membersOf(text) ? nameTwice(text) : { code: "object", line: 1, column: 1 });
  return fault && { pointer: "", code: `json_${fault.code}`, params: fault };
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
