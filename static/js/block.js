// The states of a block: loading, failed, stale, empty, filled. Old content stays while a newer one can't be had.
import { visibleLine } from "./bytes.js";
import { el, svg } from "./dom.js";
import { clock } from "./format.js";
import { icon } from "./icon.js";
import { has, t } from "./message.js";

/** What a resource has to show: `render(data)`, with a notice if it is old, or the state it is in instead. */
export function block(resource, render, lines = 6) {
  const { data, error, at, slow, load } = resource;
  if (data !== null) return [error && staleNotice(error, at, load), render(data)];
  if (error) return failure(error, load);
  return bones(slow ? lines : 0);
}

/** A failed call in words. */
export function errorWords(error) {
  const key = `error.${error.code}`;
  const said = has(key) ? t(key, error.params) : t("error.unknown", { status: error.status, detail: error.detail });
  return error.retryAfter ? `${said} ${t("error.retry_after", { count: error.retryAfter })}` : said;
}

/** A fault of an input in words: by its code, else as the server said it. */
export function faultWords({ code, message, params }) {
  const key = `fault.${code}`;
  return has(key) ? t(key, { ...params, count: params?.limit ?? params?.max ?? params?.count }) : message;
}

/** Faults as a list, each with the place that it names. */
export function faultList(faults) {
  if (!faults.length) return null;
  return el("ul", { class: "faults" }, faults.map((fault) => el("li", {},
    el("span", { class: "mono" }, visibleLine(fault.pointer)), " ", visibleLine(faultWords(fault)))));
}

/** What somebody who looks into the log needs: code and request id. */
export function errorTrace({ code, requestId }) {
  const id = requestId && el("span", { class: "mono" }, requestId);
  return el("span", { class: "help" }, el("span", { class: "mono" }, code), id && " · ", id);
}

/** A notice: tone is "", "bad" or "warn". */
export function notice(tone, sign, ...children) {
  const role = tone === "bad" ? "alert" : null;
  return el("div", { class: tone ? `notice notice-${tone}` : "notice", role }, icon(sign), ...children);
}

/** A block without content: why, and what can be done about it. */
export function empty(sign, title, text, ...actions) {
  return el("div", { class: "empty" }, icon(sign), el("b", {}, title), text && el("p", {}, text),
    actions.length > 0 && el("div", { class: "end" }, actions));
}

function failure(error, load) {
  const again = el("button", { class: "btn", type: "button", on: { click: load } }, t("action.try_again"));
  return el("div", { class: "empty", role: "alert" }, icon("warning"), el("b", {}, t("block.failed")),
    el("p", {}, errorWords(error)), faultList(error.errors), errorTrace(error), el("div", { class: "end" }, again));
}

function staleNotice(error, at, load) {
  const again = el("button", { class: "btn btn-sm", type: "button", on: { click: load } }, t("action.try_again"));
  const words = el("div", { class: "grow" }, el("p", {}, t("block.stale", { time: clock(at) })),
    el("p", { class: "help" }, errorWords(error), " ", errorTrace(error)));
  return el("div", { class: "notice notice-warn", key: "stale" }, icon("warning"), words,
    el("div", { class: "end" }, again));
}

function bones(lines) {
  const bar = () => svg("svg", {}, svg("rect", { class: "f-track", width: "100%", height: "100%" }));
  return el("div", { class: "bones", "aria-busy": "true" }, Array.from({ length: lines }, bar));
}
