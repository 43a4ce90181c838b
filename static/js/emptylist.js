// A list of tasks without any: why, and what can be done about it.
import { address } from "./api.js";
import { empty } from "./block.js";
import { copyButton } from "./clipboard.js";
import { curlPost } from "./curl.js";
import { el } from "./dom.js";
import { conditions, withConditions } from "./filter.js";
import { inWords } from "./filterwords.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { href } from "./router.js";

const EXAMPLE = '{"url": "https://recipient.example/hooks", "event": "user.created", "payload": {"id": 1}}';

/** What stands in place of the table; `link(filter)` gives an address. */
export function emptyList(filter, link) {
  const to = (next, words) => el("a", { class: "btn", href: link(next) }, t(words));
  if (filter.cursor) return empty("inbox", t("tasks.end"), null, to({ ...filter, cursor: null }, "tasks.to_newest"));
  if (!conditions(filter).size) return firstRun();
  return empty("search", t("tasks.no_match"), inWords(filter), to(withConditions(filter), "tasks.clear_filter"),
    create("btn btn-primary"));
}

// For a service that has no task yet: how the first one is posted.
function firstRun() {
  const command = curlPost(new URL(address("/tasks"), location.href).href, EXAMPLE);
  return [
    el("div", { class: "card-head" }, el("h2", {}, t("overview.first_run")),
      el("div", { class: "end" }, copyButton(command), create("btn btn-sm btn-primary"))),
    el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0" }, command),
  ];
}

function create(kind) {
  return el("a", { class: kind, href: href("composer") }, icon("plus"), t("nav.new_task"));
}
