// Why a task is where it is, what comes next, and whom else it concerns.
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { wording } from "./explanation.js";
import { duration, number } from "./format.js";
import { icon } from "./icon.js";
import { parts, t } from "./message.js";
import { time } from "./moment.js";
import { href } from "./router.js";

const MOST_COUNTED = 10_000;

/** The card; `explanation` is that of the service, `task` the one it is about. */
export function explainCard({ why, next, affected }, task) {
  const others = affected.filter((said) => said.count > 1 && !isTold(said, affected)); // one is the task itself
  return el("section", { class: "card explain", "aria-label": t("explain.title") },
    part("info", "why", why.map((said) => sentence("why", said))),
    part("next", "next", [atRest(task), ...next.map((said) => sentence("next", said))]),
    part("link", "affected", others.length ? others.map((said) => sentence("affected", said))
      : [t("explain.affected.nothing")]));
}

function part(sign, kind, sentences) {
  return el("div", {}, el("h2", {}, icon(sign, "sm"), t(`explain.${kind}`)),
    sentences.filter(Boolean).map((said) => el("p", {}, said)));
}

// All failures there are those with the same outcome: that was said.
function isTold({ code, count }, affected) {
  return code === "any_failure" && affected.some((said) => said.code === "same_failure" && said.count === count);
}

function atRest({ group, erased_at: erased, max_attempts: count }) {
  if (group === "in_progress") return null;
  if (erased) return t("explain.next.nothing_erased");
  return t(group === "delivered" ? "explain.next.nothing_delivered" : "explain.next.nothing", { count });
}

function sentence(kind, said) {
  const found = wording(kind, said);
  if (!found) return el("span", { class: "mono" }, visibleLine(said.code));
  const shown = Object.entries(found.params).map(([name, value]) => [name, place(name, value)]);
  return parts(found.key, { ...Object.fromEntries(shown), ...(said.filter && { link: link(said) }) });
}

function place(name, value) {
  if (value?.stamp) return time(value.stamp, value.form);
  if (value?.ms !== undefined) return duration(value.ms);
  if (value?.outcome !== undefined) return el("span", { class: "code" }, visibleLine(value.outcome));
  if (name === "reason") return t(`reason.${value}`);
  if (name === "count") return value; // it chooses the plural form
  return typeof value === "number" ? number(value) : el("span", { class: "said" }, visibleLine(value ?? ""));
}

function link({ filter, count }) {
  const text = count < MOST_COUNTED ? t("explain.tasks", { count }) : t("explain.tasks_most", { count });
  return el("a", { href: href("tasks", {}, filter) }, text);
}
