// One task: where it stands, what can be done, its attempts, its payload, what is known about it.
import { get } from "../api.js";
import { attemptsCard } from "../attempts.js";
import { block, empty, notice } from "../block.js";
import { bodyCard } from "../bodycard.js";
import { visibleLine } from "../bytes.js";
import { copyIcon } from "../clipboard.js";
import { used } from "../columns.js";
import { el, patch } from "../dom.js";
import { factCards } from "../facts.js";
import { icon } from "../icon.js";
import { parts, t } from "../message.js";
import { time } from "../moment.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { outcomeCode, statusBadge } from "../status.js";
import { actionButton } from "../taskactions.js";

export function make({ params: { id }, signal, live }) {
  const element = el("div", { class: "screen" });
  const above = el("div", { class: "screen" });
  const tries = el("div", { class: "main-col" });
  const side = el("aside", { class: "main-col", "aria-label": t("facts.title") });
  const body = bodyCard(id, signal);
  const columns = el("div", { class: "grid-main" }, el("div", { class: "main-col" }, tries, body.element), side);
  const path = `/tasks/${encodeURIComponent(id)}`;
  const task = resource(() => get(path, { signal }), drawTask);
  const attempts = resource(() => get(`${path}/attempts`, { signal }), drawAttempts);
  const open = new Set();
  let met = false;

  function drawTask() {
    const known = task.data;
    if (!known) {
      element.replaceChildren(above);
      const state = task.error?.status === 404 ? missing() : block(task, () => null, 8);
      patch(above, el("section", { class: "card" }, state));
      return;
    }
    if (!columns.isConnected) element.replaceChildren(above, columns);
    patch(above, block(task, () => [head(known), remarks(known)]));
    patch(side, factCards(known));
    body.show(known);
  }

  function drawAttempts() {
    const items = attempts.data?.items ?? [];
    if (!met && items.length) open.add(items.at(-1).number); // the newest is open; later ones don't push it away
    met ||= items.length > 0;
    patch(tries, block(attempts, () => (items.length ? attemptsCard(items, open, toggle) : noAttempts()), 3));
  }

  function toggle(number) {
    if (!open.delete(number)) open.add(number);
    drawAttempts();
  }

  function head(known) {
    const { event, method, http_method: verb, url, last_code: code, last_error: error } = known;
    const outcome = (code ?? error) !== null && outcomeCode({ code, error });
    const said = { used: used(known), count: known.max_attempts, outcome };
    return el("header", { class: "task-head" },
      el("div", { class: "grow" },
        el("div", { class: "title" }, event === null ? method : visibleLine(event), statusBadge(known)),
        el("div", { class: "sub" },
          el("span", { class: "mono" }, el("b", {}, verb), " ", visibleLine(url)),
          el("span", {}, parts(outcome ? "task.tried_last" : "task.tried", said)),
          known.sending_since && timed("task.sending_since", known.sending_since, "age"),
          known.next_attempt_at && timed("task.next", known.next_attempt_at, "coming"))),
      el("div", { class: "end" }, actionButton("cancel", known, { done }),
        actionButton("retry", known, { primary: known.group === "failed", done })));
  }

  async function done(after) {
    task.data = { ...task.data, ...after };
    drawTask();
    await live.now();
  }

  function missing() {
    return empty("search", t("task.missing"), t("task.missing_text"),
      el("a", { class: "btn", href: href("tasks") }, t("nav.tasks")));
  }

  function heading() {
    const short = id.length > 18 ? `${id.slice(0, 8)}…${id.slice(-8)}` : visibleLine(id);
    return el("div", { class: "crumbs" }, el("a", { href: href("tasks") }, t("nav.tasks")), icon("right", "sm"),
      el("h1", { class: "mono cut", tabindex: "-1", title: visibleLine(id) }, short),
      copyIcon(id, t("task.copy_id")));
  }

  return {
    element,
    heading,
    title: () => t("task.heading", { id: visibleLine(id.slice(-8)) }),
    load: async () => {
      const found = await task.load();
      return found && task.data ? attempts.load() : found;
    },
  };
}

function timed(message, stamp, form) {
  return el("span", {}, parts(message, { time: time(stamp, form) }));
}

// What a status alone does not say.
function remarks({ hold, cancel_noted: noted, group }) {
  return [
    noted && group === "in_progress" && notice("warn", "cancelled", el("span", {}, t("task.cancel_noted"))),
    hold && group === "in_progress" && notice("warn", "clock",
      el("span", {}, parts("task.held", { time: time(hold.until, "nearby") }))),
  ];
}

function noAttempts() {
  return el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, t("attempts.title"))),
    el("p", { class: "card-body soft" }, t("task.no_attempts_yet")));
}
