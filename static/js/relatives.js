// The tasks that one was made of, or that were made of it: copies, the callback of its end.
import { get } from "./api.js";
import { el } from "./dom.js";
import { t } from "./message.js";
import { href } from "./router.js";
import { statusLabel } from "./status.js";

const MOST = 50; // that the service names

/** Ids of the relatives of a task, each once. */
export function relativesOf({ parent, children, callback_id: callback }) {
  return [...new Set([parent, ...(children ?? []), callback].filter(Boolean))];
}

/** Where they stand: a Map of id → status. What is no longer kept, or not to be seen, is left out. */
export async function askRelatives({ id, parent, children }, signal) {
  const [one, made] = await Promise.all([
    parent && get(`/tasks/${encodeURIComponent(parent)}`, { signal }).catch(unlessMissing),
    children?.length > 0 && get("/tasks", { signal, query: { parent: id, limit: MOST } }),
  ]);
  return new Map([one, ...(made ? made.items : [])].filter(Boolean).map((task) => [task.id, task.status]));
}

/** They as terms and descriptions; `statuses` are those that are known. */
export function relativeFacts({ parent, children, callback_id: callback }, statuses) {
  const copies = (children ?? []).filter((id) => id !== callback);
  return [["parent", parent && [parent]], ["children", copies], ["callback_task", callback && [callback]]]
    .map(([name, ids]) => [t(`fact.${name}`), ids?.length ? ids.map((id) => relative(id, statuses.get(id)))
      : el("span", { class: "muted" }, t("facts.none"))]);
}

/** A link to a task, by the end of its id. */
export function taskLink(id) {
  return el("a", { class: "mono", href: href("task", { id }), title: id }, `…${id.slice(-8)}`);
}

function relative(id, status) {
  return el("div", { class: "row" }, taskLink(id), status && statusLabel(status));
}

function unlessMissing(error) {
  if (error.status !== 404) throw error;
  return null;
}
