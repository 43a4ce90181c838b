// The list of tasks: groups, the filter box, a table that stays still, pages by cursor, actions on what is chosen.
import { get } from "../api.js";
import { block, notice } from "../block.js";
import { columnMenu } from "../columnmenu.js";
import { el, patch } from "../dom.js";
import { emptyList } from "../emptylist.js";
import { conditions, fromParams, matchesStatus, toParams, withConditions } from "../filter.js";
import { filterBox } from "../filterbox.js";
import { icon } from "../icon.js";
import { t } from "../message.js";
import { now } from "../moment.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { rowKeys } from "../rowkeys.js";
import { selectBar } from "../selectbar.js";
import { keep, nothing, recall, toggle } from "../selection.js";
import { groupOf } from "../status.js";
import { stillRows } from "../still.js";
import { askFor, refusal } from "../taskactions.js";
import { freshCount, loadPage, refreshPage } from "../tasklist.js";
import { taskNews } from "../tasknews.js";
import { pager, taskTable } from "../tasktable.js";
import { askCounts, counted, groupTabs } from "../tasktabs.js";
import { toast } from "../toast.js";
import { viewsMenu } from "../views.js";

export function make({ query, kept, signal, go, live }) {
  const above = el("div", { class: "screen" });
  const tools = el("div", { class: "row" });
  const card = el("section", { class: "card" });
  const box = filterBox({ signal, apply: (next) => go(link(withConditions(filter, next))),
    open: (id) => go(href("task", { id })) });
  const element = el("div", { class: "screen" }, above, el("div", { class: "toolbar" }, box.element, tools), card);
  let filter = fromParams(query);
  let selection = recall(key(filter), kept);
  let holds = new Map();
  let anew = true; // the next answer replaces the rows
  let moved = false; // rows of the filter before are still shown
  let recount = false; // the stream does not know how many are new
  const fresh = freshCount();
  const still = stillRows(element, () => draw(), signal);

  const list = resource(async () => {
    const asked = filter;
    const page = anew ? await loadPage(asked, signal) : await refreshPage(list.data, asked, signal);
    if (asked !== filter) return list.data; // an answer to the filter before
    if (anew || recount || !live.tells()) fresh.loaded(page.fresh, { anew, recount });
    if (anew) still.free();
    anew = moved = recount = false;
    return page;
  }, () => {
    draw();
    live.tune(); // other rows, or another filter
  });
  const counts = resource(() => askCounts(filter, counts.data, signal, now()), draw);
  const stopped = resource(() => get("/destinations", { signal, query: { state: "held,paused", limit: 200 } }), () => {
    holds = new Map(stopped.data?.items.map((each) => [each.key, each]));
    draw();
  });

  const news = taskNews({ list, counts, stopped, fresh, draw, asked: () => ({ filter, moved }), lost: () => {
    recount = true;
  } });

  function draw() {
    const { count, exact } = fresh.now;
    patch(above, el("div", { class: "tabs-row" }, groupTabs({ filter, counts: known(), link }),
      count > 0 && el("button", { class: "fresh", type: "button", on: { click: showFresh } },
        t(exact ? "tasks.fresh" : "tasks.fresh_more", { count }))));
    patch(tools, viewsMenu({ filter, draw }),
      columnMenu({ limit: filter.limit, link: (limit) => link({ ...filter, limit, cursor: null }), draw }),
      el("button", { class: "btn", type: "button", key: "export", on: { click: () => exportIt(filter) } },
        icon("download"), t("export.button")));
    box.show(filter);
    card.setAttribute("aria-label", t("nav.tasks"));
    patch(card, block(moved && list.error ? { ...list, data: null } : list, content, 10));
  }

  function content(page) {
    if (!page.items.length) return emptyList(filter, link);
    const items = still.rows(page.items);
    const { complete } = page;
    return [
      selectBar({ selection, items, counts: matching(), choose, act }),
      complete === false && notice("warn", "clock", el("span", {}, t("tasks.incomplete"))),
      taskTable({ items, filter, selection, holds, waiting: moved },
        { link, draw, done, choose: press }),
      pager(page, { filter, link, at: known()?.exact && known().at }),
    ];
  }

  const known = () => (counts.data?.of === counted(filter) ? counts.data : null); // else of the filter before

  // The counts of what the whole filter finds, group and status included.
  function matching() {
    if (!known()) return null;
    const { by_status: all, exact } = known();
    return { exact, by_status: Object.fromEntries(Object.entries(all)
      .filter(([status]) => matchesStatus(filter, status, groupOf))) };
  }

  function choose(next) {
    selection = next;
    keep(key(filter), selection);
    draw();
  }

  async function act(action) {
    const { openPlan } = await import("../plan.js");
    openPlan({ action, ...(selection.all ? { filter } : { ids: [...selection.tasks.keys()] }), begun: () => {
      choose(nothing());
      done();
    } });
  }

  // Something was done: that is to be seen at once.
  function done() {
    still.free();
    live.now();
  }

  function press({ id }, range = false) {
    choose(toggle(selection, list.data.items, id, range));
  }

  // An action by key: on what is chosen, else on the row that has the focus.
  function order(action, id) {
    if (selection.all || selection.tasks.size) return act(action);
    const task = list.data?.items.find((each) => each.id === id);
    const refused = task && refusal(action, task);
    return refused ? toast(refused, "info") : task && askFor(action, task, done);
  }

  function showFresh() {
    anew = true;
    list.load();
    scrollTo(0, 0);
  }

  rowKeys(element, {
    x: (id) => press({ id }),
    r: (id) => order("retry", id),
    c: (id) => order("cancel", id),
    search: box.focus,
    clear: () => choose(nothing()),
  }, signal);

  return {
    element,
    title: () => t("nav.tasks"),
    load: async () => {
      const answers = Promise.all([list.load(), counts.load()]);
      stopped.load(); // without it the list is only less telling
      return (await answers).every(Boolean);
    },
    wish: () => ({ topics: ["stats", "destinations", "list"], filter: conditions(filter),
      tasks: list.data?.items.map(({ id }) => id) ?? [] }),
    told: (name, data) => {
      news.told(name, data);
      return true;
    },
    leave: news.stop,
    moved: (next, back) => {
      const before = key(filter);
      filter = fromParams(next);
      if (key(filter) !== before) selection = recall(key(filter), back);
      anew = moved = true;
      draw();
      return true;
    },
  };
}

async function exportIt(filter) {
  const { openExport } = await import("../exporting.js");
  openExport(filter);
}

// What a filter asks for, without its page.
function key(filter) {
  return conditions(filter).toString();
}

function link(filter) {
  return href("tasks", {}, toParams(filter));
}
