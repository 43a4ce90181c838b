// Streams of events: how their text is read, and what their end is called.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { ApiError } from "../../../static/js/api.js";
import { eventParser, readEvents } from "../../../static/js/stream.js";

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

function parse(...pieces) {
  const heard = [];
  const parser = eventParser((name, data) => heard.push([name, data]));
  for (const piece of pieces) parser.feed(piece);
  return { heard, last: parser.last };
}

const STREAM = 'retry: 2000\nid: b-1\n\n:\nid: b-2\n\nevent: stats\nid: b-3\ndata: {"now":{"queued":1}}\n\n'
  + 'event: fresh\nid: b-4\ndata: {"count":3,"exact":true}\n\n';
const EVENTS = [["stats", { now: { queued: 1 } }], ["fresh", { count: 3, exact: true }]];

test("events are heard, comments are not, and the last id is kept", () => {
  assert.deepEqual(parse(STREAM), { heard: EVENTS, last: "b-4" });
});

test("it does not matter where the pieces are cut, nor how lines end", () => {
  for (const text of [STREAM, STREAM.replaceAll("\n", "\r\n"), STREAM.replaceAll("\n", "\r")]) {
    for (let at = 0; at <= text.length; at += 1) {
      const { heard, last } = parse(text.slice(0, at), text.slice(at), "\n");
      assert.deepEqual([heard, last], [EVENTS, "b-4"], `${JSON.stringify(text.slice(0, at))}`);
    }
  }
});

test("several lines of data are one, a space after the colon is none of it", () => {
  assert.deepEqual(parse('data: [1,\ndata:2]\n\n').heard, [["message", [1, 2]]]);
});

test("an id alone moves on, an event without its end is not heard", () => {
  assert.deepEqual(parse("id: x\n\nevent: fresh\nid: y\ndata: 1\n"), { heard: [], last: "x" });
});

test("an event that never ends is cut off", () => {
  const parser = eventParser(() => {});
  assert.throws(() => {
    for (let line = 0; line < 5000; line += 1) parser.feed(`data: ${"x".repeat(1000)}\n`);
  }, RangeError);
});

function serve(respond) {
  const asked = [];
  globalThis.fetch = async (url, options) => {
    asked.push([url, options.headers]);
    return respond(options);
  };
  return asked;
}

const wanting = (signal = new AbortController().signal) => ({ signal, alive: () => {}, heard: () => {} });

test("one says where one goes on, and reads to the end", async () => {
  const asked = serve(() => new Response(STREAM));
  const lasts = [];
  const heard = [];
  await readEvents("topics=stats", "b-0", { ...wanting(), alive: (last) => lasts.push(last),
    heard: (...event) => heard.push(event) });
  assert.deepEqual(asked, [["/api/v1/events?topics=stats", { Accept: "text/event-stream", "Last-Event-ID": "b-0" }]]);
  assert.deepEqual(heard, EVENTS);
  assert.equal(lasts.at(-1), "b-4");
});

test("letters of several bytes may be cut in two", async () => {
  const bytes = new TextEncoder().encode('data: "ждёт"\n\n');
  serve(() => new Response(new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  })));
  const heard = [];
  await readEvents("", null, { ...wanting(), heard: (...event) => heard.push(event) });
  assert.deepEqual(heard, [["message", "ждёт"]]);
});

test("a refusal is a failure with its code, a lost connection one of the network", async () => {
  serve(() => Response.json({ code: "unavailable" }, { status: 503, headers: { "Retry-After": "5" } }));
  await assert.rejects(readEvents("", null, wanting()), { code: "unavailable", status: 503, retryAfter: 5 });
  serve(() => {
    throw new TypeError("fetch failed");
  });
  await assert.rejects(readEvents("", null, wanting()), { code: "network" });
});

test("what goes wrong where an event is heard is not taken for the connection's fault", async () => {
  serve(() => new Response(STREAM));
  const heard = () => {
    throw new Error("ours");
  };
  await assert.rejects(readEvents("", null, { ...wanting(), heard }), (error) => !(error instanceof ApiError));
});
