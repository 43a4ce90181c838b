// The line above the table: how much is chosen, and what can be done to all of it.
import { el } from "./dom.js";
import { number } from "./format.js";
import { icon } from "./icon.js";
import { menu, menuButton } from "./menu.js";
import { parts, t } from "./message.js";
import { extent, everything, MOST_CHOSEN, nothing, togglePage } from "./selection.js";

const ACTIONS = { retry: "retrying", cancel: "cancelled", delete: "close" };
const MORE = { resend: "resend", edit: "edit" };

/**
 * `counts` are {by_status, exact} of the filter, or null; `choose(selection)` takes another selection into use,
 * `act(action)` begins an action on what is chosen, `refusal(action)` says why it can't be, or null; `draw` draws the
 * place where it stands.
 */
export function selectBar({ selection, items, counts, choose, act, refusal, draw }) {
  const { tasks, all } = selection;
  const some = all || tasks.size > 0;
  const state = extent(selection, items);
  const matching = counts && Object.values(counts.by_status).reduce((sum, count) => sum + count, 0);
  const total = counts && (counts.exact ? number(matching) : t("tasks.at_least", { count: matching }));
  const more = () => Object.keys(MORE).map((action) => menuButton(t(`select.${action}`), () => act(action),
    { sign: MORE[action], refused: refusal(action) }));
  const button = (action) => {
    const refused = refusal(action);
    return el("button", { class: "btn btn-sm", type: "button", key: action, title: refused,
      "aria-disabled": refused ? "true" : null, on: { click: () => refused || act(action) } },
    icon(ACTIONS[action], "sm"), t(`${action}.button`));
  };
  return el("div", { class: some ? "select-bar notice" : "select-bar", key: "select" },
    el("input", { class: "check", type: "checkbox", checked: state === "all",
      indeterminate: state === "some", "aria-label": t("select.page"),
      on: { change: () => choose(togglePage(selection, items)) } }),
    el("span", {}, all ? t("select.all_chosen", { total: total ?? "" }) : words(tasks, items)),
    some && !all && matching > tasks.size && el("button", { class: "link", type: "button", key: "all",
      on: { click: () => choose(everything()) } }, t("select.all", { total })),
    some && el("div", { class: "end" }, Object.keys(ACTIONS).map(button),
      menu({ key: "chosen", sign: "more", label: t("select.more"), kind: "btn btn-sm", items: more, draw }),
      el("button", { type: "button", class: "btn btn-sm btn-quiet", key: "clear",
        on: { click: () => choose(nothing()) } }, t("select.clear"))));
}

function words(tasks, items) {
  const { size } = tasks;
  if (!size) return el("span", { class: "muted" }, t("select.none"));
  const here = items.filter(({ id }) => tasks.has(id)).length === size;
  const key = size >= MOST_CHOSEN ? "select.most" : here ? "select.chosen" : "select.across";
  return parts(key, { count: el("b", {}, number(size)), shown: items.length });
}
