// The attempts of a task, newest first: outcome, time and where it went, what the recipient answered.
import { fromBase64, textOf, visible, visibleLine } from "./bytes.js";
import { el, svg } from "./dom.js";
import { bytes, duration } from "./format.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { time } from "./moment.js";
import { jsonText } from "./code.js";
import { phrase } from "./phrases.js";
import { outcomeCode, outcomeWords } from "./status.js";
import { table, wideRow } from "./table.js";

const PARTS = ["dns", "connect", "tls", "wait", "read"];

/** The card of a task's attempts. `open` is the set of numbers whose details are shown; `toggle(number)` changes it. */
export function attemptsCard(task, items, open, toggle) {
  const newestFirst = [...items].reverse();
  const longest = Math.max(1, ...items.map(({ duration_ms: ms }) => ms ?? 0));
  const columns = attemptColumns(longest, open, toggle);
  return el("section", { class: "card" },
    el("div", { class: "card-head" }, el("h2", {}, t("attempts.title")), el("span", { class: "scope" },
      t("attempts.order")), el("div", { class: "end legend wide-only" }, PARTS.map(legend))),
    table({ caption: t("attempts.caption"), kind: "attempts", items: newestFirst, columns,
      keyOf: ({ number }) => `attempt ${number}`, rowClass: ({ number }) => (open.has(number) ? "no-line" : ""),
      after: (attempt) => open.has(attempt.number) && wideRow(`more ${attempt.number}`, "attempt-more",
        columns.length, details(attempt, task)) }));
}

function attemptColumns(longest, open, toggle) {
  return [
    { name: "number", head: t("column.number"), kind: "soft", cell: ({ number }) => number },
    { name: "started", head: t("column.started"), kind: "soft", cell: ({ started_at: at }) => time(at, "moment") },
    { name: "outcome", head: t("column.outcome"), cell: outcome },
    { name: "duration", head: t("column.duration"), num: true, cell: ({ duration_ms: ms }) => duration(ms) },
    { name: "split", head: t("column.split"), cell: (attempt) => split(attempt, longest) },
    { name: "more", head: t("column.details"), quiet: true, num: true, cell: ({ number }) => {
      const shown = open.has(number);
      return el("button", { class: "btn btn-quiet btn-sm btn-icon", type: "button", "aria-expanded": String(shown),
        "aria-label": t("attempts.details", { number }), on: { click: () => toggle(number) } },
      icon(shown ? "down" : "right", "sm"));
    } },
  ];
}

function outcome({ code, error, rule, resent }) {
  const ok = code >= 200 && code < 300;
  const look = ok ? "delivered" : "failed";
  return el("span", { class: "row" }, el("span", { class: `is-${look}` }, icon(look, "sm")),
    outcomeCode({ code, error }), el("span", { class: "soft phrase" }, outcomeWords({ code, error, rule })),
    resent && el("span", { class: "tag", title: t("attempts.resent_text") }, t("attempts.resent")));
}

function legend(part) {
  const patch = svg("svg", { viewBox: "0 0 8 8", "aria-hidden": "true" },
    svg("rect", { class: `f-${part}`, width: 8, height: 8, rx: 2 }));
  return el("span", {}, patch, t(`part.${part}`));
}

// The parts of the duration, to the scale of the longest attempt.
function split({ parts_ms: parts }, longest) {
  let x = 0;
  const rects = PARTS.filter((part) => parts?.[part]).map((part) => {
    const width = Math.min((parts[part] / longest) * 100, 100 - x);
    const rect = svg("rect", { class: `f-${part}`, x, width, height: 6 });
    x += width;
    return rect;
  });
  return svg("svg", { class: "split", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "f-track", width: 100, height: 6 }), rects);
}

function details(attempt, task) {
  return [
    el("div", { class: "attempt-grid" }, answered(attempt),
      el("div", {}, answerBody(attempt), requested(attempt, task))),
    el("p", { class: "legend help parts" }, circumstances(attempt).map((text) => el("span", {}, text))),
  ];
}

function answered({ code, error, rule, response_headers: headers }) {
  const first = code === null || code === undefined
    ? [el("span", { class: "n" }, error), " ", outcomeWords({ code, error, rule })]
    : ["HTTP ", el("span", { class: "n" }, String(code)), ` ${phrase(code)}`];
  return el("div", {}, el("h3", {}, t("attempts.answer")), el("pre", { class: "pre pre-wrap", tabindex: "0" }, first,
    headerLines(headers).map((line) => ["\n", line])));
}

function answerBody({ response_body: body, response_size: size, truncated }) {
  if (!body) return null;
  const data = fromBase64(body);
  const text = textOf(data, true);
  const scope = t(truncated ? "attempts.body_first" : "attempts.body_all", { size: bytes(data.length),
    all: bytes(size ?? data.length) });
  return [
    el("h3", {}, t("attempts.answer_body"), " ", el("span", { class: "muted" }, scope)),
    el("pre", { class: "pre pre-wrap", tabindex: "0" }, text === null ? t("body.binary") : jsonText(text, truncated)),
  ];
}

function requested({ request_headers: headers }, { http_method: verb, url }) {
  const sent = headerLines(headers);
  if (!sent.length) return null;
  const lines = [[el("b", {}, verb), " ", visibleLine(url)], ...sent];
  return el("details", { key: "request" }, el("summary", { class: "help" }, t("attempts.request_headers")),
    el("pre", { class: "pre pre-wrap", tabindex: "0" }, lines.map((line, index) => [index > 0 && "\n", line])));
}

function headerLines(headers) {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers ?? {});
  return pairs.map(([name, value]) => [el("span", { class: "k" }, visibleLine(name)), `: ${visible(value)}`]);
}

function circumstances({ address, parts_ms: parts, waited_s: waited, errno }) {
  return [
    address && t("attempts.address", { address: visibleLine(address) }),
    ...PARTS.filter((part) => parts?.[part] != null).map((part) => t("attempts.part", { part: t(`part.${part}`),
      duration: duration(parts[part]) })),
    waited != null && t("attempts.waited", { duration: duration(waited * 1000) }),
    errno != null && t("attempts.errno", { errno: String(errno) }),
  ].filter(Boolean);
}
