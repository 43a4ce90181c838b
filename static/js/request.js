// The JSON text of the call that makes a task: written from what the form holds, and read back into it. What the form
// can't show as it is written is kept beside its fields, so that neither way loses or changes anything.
import { emptyDraft } from "./draft.js";
import { isSame, membersOf } from "./payload.js";
import { localTime } from "./revision.js";

const CARRIERS = ["payload", "body", "body_base64"];
const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.0+)?(?:Z|[+-]\d\d:\d\d)$/i;

/**
 * The text, a member a line. A JSON payload goes into it as it was typed, character by character: no number is read
 * into a value on the way.
 */
export function toBody(draft) {
  if (draft.written !== null) return draft.written;
  const all = [...said(draft), ...settled(draft).more];
  return `{\n${all.map(([name, text]) => `  ${JSON.stringify(name)}: ${text}`).join(",\n")}\n}`;
}

/** A draft without those members that the form had no field for, and which a field says now. */
export function settled(draft) {
  const names = said(draft).map(([name]) => name);
  return { ...draft, more: draft.more.filter(([name]) => !names.includes(name)) };
}

// The members that its fields make.
function said(draft) {
  const members = Object.entries(fieldsOf(draft)).map(([name, value]) => [name, JSON.stringify(value)]);
  const payload = draft.kind === "json" ? draft.json.trim() : "";
  return payload ? [...members, ["payload", payload]] : members;
}

/** The draft that a text makes, which is a JSON object; `before` is the one that it was written from. */
export function fromBody(text, before) {
  const members = membersOf(text);
  const kind = before.kind === "json" && !before.json.trim() ? "json" : "none";
  let draft = { ...emptyDraft(), kind, json: before.json, text: before.text, file: before.file };
  let carries = false; // the form shows one of the three already
  for (const [name, value] of members) {
    const second = CARRIERS.includes(name) && carries;
    const part = second ? null : READERS[name]?.(value, before);
    const next = part && { ...draft, ...part };
    if (next && says(next, name, value)) {
      draft = next;
      carries ||= CARRIERS.includes(name);
    } else draft.more.push([name, value]);
  }
  return { ...draft, written: text };
}

function says(draft, name, value) {
  const written = membersOf(toBody(draft)).get(name);
  if (written === undefined) return false;
  if (name === "deliver_at") return Date.parse(JSON.parse(written)) === Date.parse(JSON.parse(value));
  return name === "payload" ? written === value : isSame(written, value);
}

const READERS = {
  __proto__: null, // a request may have members of any name
  ...Object.fromEntries(["method", "url", "event", "order_key", "content_type", "ttl"].map((name) => [name,
    (text) => wrapped(name, stringOf(text))])),
  ...Object.fromEntries(["max_attempts", "timeout"].map((name) => [name, (text) => wrapped(name,
    stringOf(text) ?? text)])),
  ...Object.fromEntries(["labels", "headers"].map((name) => [name, (text) => wrapped(name, pairsOf(text))])),
  payload: (text) => ({ kind: "json", json: text }),
  body: (text) => stringOf(text) !== null && { kind: "text", text: stringOf(text) },
  body_base64: (text, { file }) => stringOf(text) !== null && { kind: "file", file: fileOf(stringOf(text), file) },
  retry: (text) => {
    const waits = JSON.parse(text)?.schedule;
    return Array.isArray(waits) && waits.every((wait) => wait !== Object(wait)) && { waits: waits.join(", ") };
  },
  deliver_at: (text) => isInstant(stringOf(text)) && { deliver_at: localTime(stringOf(text)) },
  callback: (text) => wrapped("callback", stringOf(membersOf(text)?.get("url") ?? "")),
};

function wrapped(name, value) {
  return value !== null && { [name]: value };
}

// In whole seconds, on a day that there is (others would be read as the days after), in a year that a field can show.
function isInstant(stamp) {
  if (!WHOLE_SECONDS.test(stamp) || Number.isNaN(Date.parse(stamp))) return false;
  const fields = stamp.slice(0, 19).toUpperCase();
  return instant(`${fields}Z`).startsWith(fields) && /^\d/.test(localTime(stamp));
}

// What is no time goes out as it is, for the server to say what is wrong with it.
function instant(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

function stringOf(text) {
  return text.startsWith('"') ? JSON.parse(text) : null;
}

function pairsOf(text) {
  const members = membersOf(text);
  return members && [...members].map(([name, value], id) => ({ id, name, value: stringOf(value) ?? "" }));
}

// The one that was chosen, or bytes that somebody wrote down.
function fileOf(base64, chosen) {
  return chosen?.base64 === base64 ? chosen : { name: "", size: Math.floor((base64.length * 3) / 4), type: "", base64 };
}

function fieldsOf(draft) {
  const fields = { method: draft.method };
  for (const name of ["url", "event", "order_key", "content_type", "ttl"]) {
    if (draft[name].trim()) fields[name] = draft[name].trim();
  }
  if (draft.kind === "text") fields.body = draft.text;
  if (draft.kind === "file" && draft.file) fields.body_base64 = draft.file.base64;
  if (draft.max_attempts.trim()) fields.max_attempts = figure(draft.max_attempts);
  if (draft.timeout.trim()) fields.timeout = figure(draft.timeout);
  if (draft.waits.trim()) fields.retry = { schedule: draft.waits.split(/[,;\s]+/).filter(Boolean).map(figure) };
  if (draft.deliver_at) fields.deliver_at = instant(draft.deliver_at);
  if (draft.callback.trim()) fields.callback = { url: draft.callback.trim() };
  for (const name of ["labels", "headers"]) {
    const given = draft[name].filter((pair) => pair.name || pair.value);
    if (given.length) fields[name] = Object.fromEntries(given.map((pair) => [pair.name, pair.value]));
  }
  return fields;
}

// What is no number goes out as text: a duration, or something for the server to say what is wrong with it.
function figure(text) {
  return /^\s*-?\d{1,9}(\.\d{1,3})?\s*$/.test(text) ? Number(text) : text.trim();
}
