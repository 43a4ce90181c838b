// One task: where it stands and why, what can be done, its course, its attempts, its payload, what is known about it.
import { address, get } from "../api.js";
import { attemptsCard } from "../attempts.js";
import { block, empty, notice } from "../block.js";
import { bodyCard } from "../bodycard.js";
import { visibleLine } from "../bytes.js";
import { copyAndSay, copyIcon } from "../clipboard.js";
import { el, patch } from "../dom.js";
import { explainCard } from "../explaincard.js";
import { factCards } from "../facts.js";
import { icon } from "../icon.js";
import { listen } from "../keys.js";
import { parts, t } from "../message.js";
import { time } from "../moment.js";
import { askRelatives, relativesOf } from "../relatives.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { order } from "../taskactions.js";
import { taskBar } from "../taskbar.js";
import { taskHead } from "../taskhead.js";
import { timelineCard } from "../timelinecard.js";
import { toast } from "../toast.js";

export function make({ params: { id }, signal, live, go }) {
  const element = el("div", { class: "screen" });
  const above = el("div", { class: "screen" });
  const tries = el("div", { class: "main-col" });
  const side = el("aside", { class: "main-col", "aria-label": t("facts.title") });
  const body = bodyCard(id, signal);
  const columns = el("div", { class: "grid-main" }, el("div", { class: "main-col" }, tries, body.element), side);
  const path = `/tasks/${encodeURIComponent(id)}`;
  const task = resource(() => get(path, { signal }), draw);
  const attempts = resource(() => get(`${path}/attempts`, { signal }), draw);
  const explanation = resource(() => get(`${path}/explain`, { signal }), draw);
  const relatives = resource(() => askRelatives(task.data, signal), draw);
  const open = new Set();
  let met = false;
  let whole = false; // the timeline is not folded

  function draw() {
    const known = task.data;
    if (!known) {
      element.replaceChildren(above);
      const state = task.error?.status === 404 ? missing() : block(task, () => null, 8);
      patch(above, el("section", { class: "card" }, state));
      return;
    }
    if (!columns.isConnected) element.replaceChildren(above, columns);
    patch(above, block(task, () => [head(known), erased(known), explained(known), course(known)]));
    drawAttempts(known);
    patch(side, factCards(known, relatives.data ?? new Map()));
    body.show(known);
  }

  function drawAttempts(known) {
    const items = attempts.data?.items ?? [];
    if (!met && items.length) open.add(items.at(-1).number); // the newest is open; later ones don't push it away
    met ||= items.length > 0;
    patch(tries, block(attempts, () => (items.length ? attemptsCard(known, items, open, toggle) : noAttempts()), 3));
  }

  function toggle(number) {
    if (!open.delete(number)) open.add(number);
    draw();
  }

  function explained(known) {
    const nothing = explanation.data === null && explanation.error;
    return el("div", { key: "explanation" }, nothing ? el("section", { class: "card" }, block(explanation, () => null))
      : block(explanation, (data) => explainCard(data, known), 3));
  }

  function course(known) {
    const schedule = explanation.data?.schedule ?? [];
    return timelineCard(known, attempts.data?.items, known.group === "in_progress" ? schedule : [], whole, () => {
      whole = !whole;
      draw();
    });
  }

  function head(known) {
    const copyJson = () => copyAndSay(JSON.stringify(task.data, null, 2));
    const bar = taskBar(known, { draw, done, copied, copyCurl: body.copyCurl, copyJson,
      bodyAt: address(`${path}/body`) });
    return taskHead(known, attempts.data?.items.at(-1), explanation.data, bar);
  }

  async function done(after) {
    task.data = { ...task.data, ...after };
    draw();
    await live.now();
  }

  function copied(copy) {
    toast(t("resend.done"));
    go(href("task", { id: copy.id }));
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

  const key = (action) => () => (task.data ? void order(action, task.data, done) : false);
  listen({ KeyR: key("retry"), KeyC: key("cancel") }, signal);

  return {
    element,
    heading,
    title: () => t("task.heading", { id: visibleLine(id.slice(-8)) }),
    load: async () => {
      const found = await task.load();
      if (!found || !task.data) return found;
      const answers = Promise.all([attempts.load(), explanation.load()]);
      if (relativesOf(task.data).length) relatives.load(); // without them the links only say less
      return (await answers).every(Boolean);
    },
    wish: () => ({ topics: ["destinations"], tasks: [id, ...(task.data ? relativesOf(task.data) : [])] }),
  };
}

// What is left of a task that was erased.
function erased({ erased_at: at, journal_until: until }) {
  if (!at) return null;
  return el("div", { key: "erased" }, notice("warn", "shield", el("span", {}, parts(
    until ? "task.erased_until" : "task.erased", { at: time(at, "when"), until: until && time(until, "nearby") }))));
}

function noAttempts() {
  return el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, t("attempts.title"))),
    el("p", { class: "card-body soft" }, t("task.no_attempts_yet")));
}
