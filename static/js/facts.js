// What is known about a task, as terms and descriptions.
import { visible, visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { bytes, duration } from "./format.js";
import { having } from "./having.js";
import { t, word } from "./message.js";
import { time } from "./moment.js";
import { relativeFacts, taskLink } from "./relatives.js";
import { href } from "./router.js";

/**
 * The card of facts; those of request headers and of what was done to it, if there are any; related tasks, whose
 * `statuses` are a Map.
 */
export function factCards(task, statuses) {
  return [
    card(t("facts.title"), facts(task)),
    task.headers && Object.keys(task.headers).length > 0 && card(t("facts.headers"), headers(task.headers)),
    card(t("facts.related"), relativeFacts(task, statuses).map(([term, said]) => fact(term, said))),
    task.history?.length > 0 && card(t("facts.history"), task.history.map(event)),
  ];
}

function facts(task) {
  const filtered = (name) => task[name] && el("a", { href: tasksHaving({ [name]: task[name] }) },
    visibleLine(task[name]));
  const when = (stamp) => stamp && time(stamp, "exact");
  return [
    ["id", mono(task.id)],
    ["event", filtered("event")],
    ["source", filtered("source")],
    ["method", filtered("method")],
    ["destination", filtered("destination")],
    ["order_key", task.order_key && line(task)],
    ["labels", labels(task.labels)],
    ["size", task.size > 0 && [bytes(task.size), task.content_type && ` · ${visibleLine(task.content_type)}`]],
    ["attempts", t("task.attempts_in_all", { count: task.attempts })],
    ["timeout", task.timeout && duration(task.timeout * 1000)],
    ["callback", task.callback && mono(`${task.callback.method} ${visibleLine(task.callback.url)}`)],
    ["created_at", when(task.created_at)],
    ["deliver_at", when(task.deliver_at)],
    ["next_attempt_at", when(task.next_attempt_at)],
    ["expires_at", when(task.expires_at)],
    ["finished_at", when(task.finished_at)],
    ["keep_until", when(task.keep_until)],
    ["erased_at", when(task.erased_at)],
    ["journal_until", when(task.journal_until)],
    ["sha256", task.sha256 && mono(task.sha256)],
  ].map(([name, content]) => fact(t(`fact.${name}`), content));
}

function labels(pairs) {
  const all = Object.entries(pairs ?? {});
  if (!all.length) return null;
  return el("span", { class: "row" }, all.map(([name, value]) => el("a", { class: "tag",
    href: tasksHaving({ [`label.${name}`]: value }) }, visibleLine(`${name}=${value}`))));
}

function headers(given) {
  const pairs = Array.isArray(given) ? given : Object.entries(given);
  return pairs.map(([name, value]) => fact(mono(visibleLine(name)), mono(visible(value))));
}

function line({ source, order_key: key, behind, ahead }) {
  const link = el("a", { class: "mono", href: tasksHaving({ source, order_key: key }) }, visibleLine(key));
  return [link, ahead > 0 && [" · ", t("facts.ahead", { count: ahead })],
    behind > 0 && [" · ", t("facts.behind", { count: behind })]];
}

function event({ at, action, by, change }) {
  const said = t("facts.event", { action: word("action_done", action), by: visibleLine(by ?? "") });
  return fact(time(at, "moment"), [said, el("div", { class: "help" }, changed(change))]);
}

// An edit lists {field: [before, after]}, a resend the id of the copy.
function changed(change) {
  if (!change) return null;
  if (change.id) return taskLink(change.id);
  return Object.entries(change).map(([name, values]) => el("div", {}, mono(visibleLine(name)),
    Array.isArray(values) && [" ", el("del", {}, shown(values[0])), " → ", shown(values[1])]));
}

function shown(value) {
  return visibleLine(typeof value === "string" ? value : JSON.stringify(value ?? null));
}

function tasksHaving(values) {
  return href("tasks", {}, having(values));
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
