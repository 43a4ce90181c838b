// What is known about a task, as terms and descriptions.
import { visible, visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { bytes } from "./format.js";
import { t, word } from "./message.js";
import { time } from "./moment.js";
import { href } from "./router.js";

/** The card of facts, and one of request headers if there are any. */
export function factCards(task) {
  return [
    card(t("facts.title"), facts(task)),
    task.headers && Object.keys(task.headers).length > 0 && card(t("facts.headers"), headers(task.headers)),
    task.history?.length > 0 && card(t("facts.history"), task.history.map(event)),
  ];
}

function facts(task) {
  const filtered = (name) => task[name] && el("a", { href: href("tasks", {}, { [name]: task[name] }) },
    visibleLine(task[name]));
  const when = (stamp) => stamp && time(stamp, "exact");
  return [
    ["id", mono(task.id)],
    ["event", filtered("event")],
    ["source", filtered("source")],
    ["method", filtered("method")],
    ["destination", filtered("destination")],
    ["labels", labels(task.labels)],
    ["size", task.size > 0 && [bytes(task.size), task.content_type && ` · ${visibleLine(task.content_type)}`]],
    ["attempts", t("task.attempts_in_all", { count: task.attempts })],
    ["created_at", when(task.created_at)],
    ["next_attempt_at", task.next_attempt_at && time(task.next_attempt_at, "coming")],
    ["expires_at", when(task.expires_at)],
    ["finished_at", when(task.finished_at)],
    ["keep_until", when(task.keep_until)],
  ].map(([name, content]) => fact(t(`fact.${name}`), content));
}

function labels(pairs) {
  const all = Object.entries(pairs ?? {});
  if (!all.length) return null;
  return el("span", { class: "row" }, all.map(([name, value]) => el("a", { class: "tag",
    href: href("tasks", {}, { [`label.${name}`]: value }) }, visibleLine(`${name}=${value}`))));
}

function headers(given) {
  const pairs = Array.isArray(given) ? given : Object.entries(given);
  return pairs.map(([name, value]) => fact(mono(visibleLine(name)), mono(visible(value))));
}

function event({ at, action, by }) {
  return fact(time(at, "moment"), t("facts.event", { action: word("action_done", action), by: visibleLine(by ?? "") }));
}

function fact(term, description) {
  if (!description) return null;
  return el("div", {}, el("dt", {}, term), el("dd", {}, description));
}

function mono(text) {
  return el("span", { class: "mono" }, text);
}

function card(title, items) {
  return el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, title)),
    el("dl", { class: "facts" }, items));
}
