// The list of tasks: groups, the filter box, a table that stays still, pages by cursor, actions on what is chosen.
import { block, notice } from "../block.js";
import { chosenTasks } from "../chosentasks.js";
import { el, patch } from "../dom.js";
import { emptyList } from "../emptylist.js";
import { conditions, isReadable, toParams, withConditions } from "../filter.js";
import { filterBox } from "../filterbox.js";
import { listData } from "../listdata.js";
import { listTools } from "../listtools.js";
import { t } from "../message.js";
import { href } from "../router.js";
import { rowKeys } from "../rowkeys.js";
import { step } from "../rows.js";
import { selectBar } from "../selectbar.js";
import { nothing } from "../selection.js";
import { stillRows } from "../still.js";
import { pager, taskTable } from "../tasktable.js";
import { groupTabs } from "../tasktabs.js";

export function make({ query, kept, signal, go, live }) {
  const above = el("div", { class: "screen" });
  const tools = el("div", { class: "row" });
  const card = el("section", { class: "card" });
  const box = filterBox({ signal, apply: (next) => go(link(withConditions(data.filter, next))),
    open: (id) => go(href("task", { id })) });
  const element = el("div", { class: "screen" }, above, el("div", { class: "toolbar" }, box.element, tools), card);
  const still = stillRows(element, () => draw(), signal);
  const data = listData({ query, signal, live, draw, free: still.free });
  const chosen = chosenTasks({ data, kept, draw, done });

  function draw() {
    const { filter, list, moved, fresh: { now: { count, exact } } } = data;
    patch(above, el("div", { class: "tabs-row" }, groupTabs({ filter, counts: data.known(), link }),
      count > 0 && el("button", { class: "fresh", type: "button", on: { click: showFresh } },
        t(exact ? "tasks.fresh" : "tasks.fresh_more", { count }))));
    patch(tools, listTools({ filter, link, draw }));
    box.show(filter);
    card.setAttribute("aria-label", t("nav.tasks"));
    const at = document.activeElement.closest(".select-bar, .card-foot");
    patch(card, block(moved && list.error ? { ...list, data: null } : list, content, 10));
    if (at && document.activeElement === document.body) at.querySelector("input, a")?.focus(); // its button has gone
  }

  function content(page) {
    const { filter, holds, moved: waiting } = data;
    const { selection, choose, act, refusal, press } = chosen;
    if (!page.items.length) return emptyList(filter, link);
    const items = still.rows(page.items);
    return [
      selectBar({ selection, items, counts: data.matching(), choose, act, refusal, draw }),
      page.complete === false && notice("warn", "clock", el("span", {}, t("tasks.incomplete"))),
      taskTable({ items, filter, selection, holds, waiting }, { link, draw, done, choose: press }),
      pager(page, { filter, link, at: data.known()?.exact && data.known().at }),
    ];
  }

  // Something was done: that is to be seen at once.
  function done() {
    still.free();
    live.now();
  }

  async function showFresh() {
    scrollTo(0, 0);
    await data.renew();
    if (document.activeElement === document.body) step(1); // the button has gone: on to the first row
  }

  rowKeys(element, {
    x: (id) => chosen.press({ id }),
    r: (id) => chosen.order("retry", id),
    c: (id) => chosen.order("cancel", id),
    search: box.focus,
    clear: () => chosen.choose(nothing()),
  }, signal);

  return {
    element,
    title: () => t("nav.tasks"),
    load: data.load,
    wish: () => (isReadable(data.filter) ? { topics: ["stats", "destinations", "list"],
      filter: conditions(data.filter), tasks: data.list.data?.items.map(({ id }) => id) ?? [] } : {}),
    told: (name, event) => {
      data.told(name, event);
      return true;
    },
    leave: data.leave,
    moved: (next, back) => {
      chosen.follow(() => data.move(next), back);
      draw();
      return true;
    },
  };
}

function link(filter) {
  return href("tasks", {}, toParams(filter));
}
