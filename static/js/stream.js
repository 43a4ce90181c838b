// A stream of server-sent events, read by fetch: it may say where it goes on (EventSource does so only by itself).
import { address, failureOf, problemOf } from "./api.js";

const LONGEST = 4_000_000; // characters of one event; more is no stream of ours

/**
 * Takes the text of a stream as it comes; `heard(name, data)` is called for each event. `last` is what one comes back
 * with, the id of what was heard last. Raises RangeError for an event without an end.
 */
export function eventParser(heard) {
  const parser = { last: null, feed };
  let rest = "";
  let event = {};

  function feed(text) {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/); // a CR at the end may be half of an end of line
    rest = lines.pop();
    for (const line of lines) take(line);
    if (rest.length + (event.data?.length ?? 0) > LONGEST) throw new RangeError("event");
  }

  function take(line) {
    if (line === "") return over();
    const at = line.indexOf(":");
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (name === "data") event.data = event.data === undefined ? value : `${event.data}\n${value}`;
    else if (name === "event" || name === "id") event[name] = value;
  }

  function over() {
    const { event: name = "message", id, data } = event;
    event = {};
    if (id !== undefined) parser.last = id;
    if (data !== undefined) heard(name, JSON.parse(data));
  }

  return parser;
}

/**
 * Read the events of a wish (the text of a query) from where one has heard them, until the stream ends. `alive(last)`
 * is called before and after whatever comes, `heard(name, data)` for each event. Raises ApiError, and AbortError when
 * it was left.
 */
export async function readEvents(query, last, { signal, alive, heard }) {
  const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
  const response = await connection(fetch(address("/events", query), { headers, signal, cache: "no-store" }), signal);
  if (!response.ok) throw await problemOf(response);
  const parser = eventParser(heard);
  const decoder = new TextDecoder();
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await connection(reader.read(), signal);
    if (done || signal.aborted) return;
    alive(parser.last);
    parser.feed(decoder.decode(value, { stream: true }));
    alive(parser.last);
  }
}

async function connection(step, signal) {
  try {
    return await step;
  } catch (error) {
    throw failureOf(error, signal);
  }
}
