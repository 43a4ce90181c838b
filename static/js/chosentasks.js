// Which tasks of the list are chosen, and what is done to them.
import { conditions } from "./filter.js";
import { t } from "./message.js";
import { openPlan } from "./planning.js";
import { has, keep, MOST_CHOSEN, nothing, recall, statusesOf, toggle } from "./selection.js";
import { mayAct } from "./session.js";
import { STATUSES } from "./status.js";
import { order, permits } from "./taskactions.js";
import { toast } from "./toast.js";

/**
 * `data` is what the list knows, `kept` says that one comes back to it; `draw` is called when others are chosen, `done`
 * when something was done.
 */
export function chosenTasks({ data, kept, draw, done }) {
  const chosen = { selection: recall(key(data.filter), kept) };

  chosen.choose = (next) => {
    chosen.selection = next;
    keep(key(data.filter), next);
    draw();
  };

  /** Choose a row or leave it; false if there is no room for it. */
  chosen.press = ({ id }, range = false) => {
    const before = chosen.selection;
    chosen.choose(toggle(before, data.list.data.items, id, range));
    if (has(before, id) || has(chosen.selection, id)) return true;
    toast(t("select.most", { count: MOST_CHOSEN }), "info");
    return false;
  };

  /** Why an action on all that is chosen is not possible, in words, or null. */
  chosen.refusal = (action) => {
    if (!mayAct()) return t("refused.role");
    const counts = data.matching()?.by_status;
    const statuses = chosen.selection.all ? STATUSES.filter((status) => !counts || counts[status] > 0)
      : statusesOf(chosen.selection, data.list.data?.items ?? []);
    return statuses.some((status) => permits(status, action)) ? null : t("select.refused");
  };

  /** The action, where it is possible. */
  chosen.act = (action) => {
    const refused = chosen.refusal(action);
    if (refused) return toast(refused, "info");
    const { filter } = data;
    const { all, tasks } = chosen.selection;
    const url = (all ? data.list.data?.items[0] : tasks.values().next().value)?.url; // no list yet, or an empty one
    openPlan({ action, url, ...(all ? { filter } : { ids: [...tasks.keys()] }), begun: () => {
      chosen.choose(nothing());
      done();
    } });
  };

  /** An action by key: on what is chosen, else on the row that has the focus. */
  chosen.order = (action, id) => {
    if (chosen.selection.all || chosen.selection.tasks.size) return chosen.act(action);
    const task = data.list.data?.items.find((each) => each.id === id);
    return task && order(action, task, done);
  };

  /** Go along with another filter; `change` takes it into use. */
  chosen.follow = (change, back) => {
    const before = key(data.filter);
    change();
    if (key(data.filter) !== before) chosen.selection = recall(key(data.filter), back);
  };
  return chosen;
}

// What a filter asks for, without its page.
function key(filter) {
  return conditions(filter).toString();
}
