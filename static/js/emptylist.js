// A list of tasks without any: why, and what can be done about it.
import { empty } from "./block.js";
import { createLink } from "./createlink.js";
import { el } from "./dom.js";
import { conditions, withConditions } from "./filter.js";
import { inWords } from "./filterwords.js";
import { firstRun } from "./firstrun.js";
import { icon } from "./icon.js";
import { t } from "./message.js";

/** What stands in place of the table; `link(filter)` gives an address. */
export function emptyList(filter, link) {
  const to = (next, words) => el("a", { class: "btn", href: link(next) }, t(words));
  if (filter.cursor) return empty("inbox", t("tasks.end"), null, to({ ...filter, cursor: null }, "tasks.to_newest"));
  if (!conditions(filter).size) return firstRun();
  return empty("search", t("tasks.no_match"), inWords(filter), to(withConditions(filter), "tasks.clear_filter"),
    createLink("btn btn-primary", {}, icon("plus"), t("nav.new_task")));
}
