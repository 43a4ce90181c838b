// One bulk operation in full: its filter, its state, how far it has come, what was passed over.
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { format, fromJson } from "./filter.js";
import { age, number } from "./format.js";
import { icon } from "./icon.js";
import { parts, t, word } from "./message.js";
import { now, time } from "./moment.js";
import { progress, skippedBy, stopButton, title } from "./operation.js";
import { href } from "./router.js";

const LOOKS = { running: "sending", done: "delivered", stopped: "cancelled", failed: "failed" };

/** Its filter as a text of the filter box. */
export function filterText({ ids, filter }) {
  if (ids) return t("bulk.chosen", { count: ids.length });
  return visibleLine(format(fromJson(filter))) || t("filter.all");
}

/** The badge of its state. */
export function stateBadge({ state }) {
  return el("span", { class: `badge is-${LOOKS[state]}` }, icon(LOOKS[state], "sm"), t(`bulk.state_${state}`));
}

/** What was passed over, by reason, as texts. */
function skippedWords({ skipped }) {
  return Object.entries(skipped).map(([reason, count]) => [number(count),
    t("bulk.skipped", { why: word("passed_over", reason) })]);
}

/** What it changes, and how fast it goes, in words. */
function changeWords({ rebase, rate }) {
  const mono = (text) => el("span", { class: "mono" }, visibleLine(text));
  return [rebase && parts("bulk.rebase", { from: mono(rebase.from), to: mono(rebase.to) }),
    rate && t("bulk.rate", { rate })].filter(Boolean);
}

/** All about one, as a card; its title is a link to it, unless it stands `alone` there. */
export function operationCard(bulk, stopped, alone = false) {
  const { id, state, done, matched, by, created_at: begun, finished_at: ended } = bulk;
  const running = state === "running";
  const left = Math.max(matched - done - skippedBy(bulk), 0);
  const pace = (now() - Date.parse(begun)) / Math.max(matched - left, 1);
  const figure = (count, words) => el("span", {}, el("b", {}, count), " ", words);
  return el("section", { class: "card", key: id },
    el("div", { class: "card-head" },
      el("h2", {}, alone ? title(bulk) : el("a", { href: href("operation", { id }) }, title(bulk))), stateBadge(bulk),
      running && el("div", { class: "end" }, stopButton(bulk, stopped))),
    el("div", { class: "card-body form" },
      el("p", { class: "soft" }, parts("bulk.of_filter", { filter: el("span", { class: "mono" }, filterText(bulk)) }),
        changeWords(bulk).map((words) => [" · ", words]),
        " · ", parts("bulk.begun", { by: visibleLine(by), time: time(begun, "nearby") }),
        ended && [" · ", parts("bulk.ended", { time: time(ended, "nearby") })]),
      progress(bulk),
      el("p", { class: "legend" }, figure(number(done), t("bulk.done")),
        skippedWords(bulk).map(([count, words]) => figure(count, words)),
        left > 0 && figure(number(left), running && matched > left
          ? t("bulk.left_about", { duration: age(left * pace) }) : t("bulk.left")))),
    running && el("div", { class: "card-foot" }, t("bulk.stop_text", { count: done })));
}
