// Bulk operations in words: what is done, to which tasks, how far it has come, what was passed over and why.
import { ApiError, remove } from "./api.js";
import { errorWords } from "./block.js";
import { visibleLine } from "./bytes.js";
import { el, svg } from "./dom.js";
import { format, fromJson } from "./filter.js";
import { age, number } from "./format.js";
import { icon } from "./icon.js";
import { t, word } from "./message.js";
import { now, time } from "./moment.js";
import { href } from "./router.js";
import { mayAct } from "./session.js";
import { toast } from "./toast.js";

export const SIGNS = { retry: "retrying", cancel: "cancelled", delete: "close", resend: "resend", edit: "edit" };
const PLURAL = ["retry", "cancel", "delete"];
const LOOKS = { running: "sending", done: "delivered", stopped: "cancelled", failed: "failed" };

/** How many tasks it has passed over. */
export function skippedBy({ skipped }) {
  return Object.values(skipped).reduce((all, count) => all + count, 0);
}

/** Its filter as a text of the filter box. */
export function filterText({ ids, filter }) {
  if (ids) return t("bulk.chosen", { count: ids.length });
  return visibleLine(format(fromJson(filter))) || t("filter.all");
}

/** What it does to how many, as a heading. */
export function title({ action, matched }) {
  return PLURAL.includes(action) ? t(`bulk.${action}`, { count: matched })
    : t("bulk.other", { verb: t(`bulk.verb_${action}`), count: matched });
}

/** The badge of its state. */
export function stateBadge({ state }) {
  return el("span", { class: `badge is-${LOOKS[state]}` }, icon(LOOKS[state], "sm"), t(`bulk.state_${state}`));
}

/** How much of it is done, as a bar. */
export function progress(bulk) {
  const whole = Math.max(bulk.matched, 1);
  const [done, skipped] = [bulk.done, skippedBy(bulk)].map((count) => (count / whole) * 100);
  const bar = (kind, x, width) => svg("rect", { class: kind, x, width, height: 6 });
  return svg("svg", { class: "split", viewBox: "0 0 100 6", preserveAspectRatio: "none", role: "img",
    "aria-label": t("bulk.progress", { done: bulk.done, matched: bulk.matched }) },
  bar("f-track", 0, 100), bar("f-delivered", 0, done), bar("f-cancelled", done, skipped));
}

/** What was passed over, by reason, as texts. */
export function skippedWords({ skipped }) {
  return Object.entries(skipped).map(([reason, count]) => [number(count),
    t("bulk.skipped", { why: word("passed_over", reason) })]);
}

/** The button that stops it; `done` is called with what became of it. */
export function stopButton({ id }, done) {
  const refused = mayAct() ? null : t("refused.role");
  const stop = async () => {
    try {
      done(await remove(`/bulk/${id}`));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(errorWords(error), "warning");
    }
  };
  return el("button", { class: "btn btn-sm", type: "button", key: `stop ${id}`, title: refused,
    "aria-disabled": refused ? "true" : null, on: { click: () => refused || stop() } },
  icon("close", "sm"), t("bulk.stop"));
}

/** All about one, as a card. */
export function operationCard(bulk, stopped) {
  const { id, state, done, matched, by, created_at: begun, finished_at: ended } = bulk;
  const running = state === "running";
  const left = Math.max(matched - done - skippedBy(bulk), 0);
  const pace = (now() - Date.parse(begun)) / Math.max(matched - left, 1);
  const part = (count, words) => el("span", {}, el("b", {}, count), " ", words);
  return el("section", { class: "card", key: id },
    el("div", { class: "card-head" },
      el("h2", {}, el("a", { href: href("operation", { id }) }, title(bulk))), stateBadge(bulk),
      running && el("div", { class: "end" }, stopButton(bulk, stopped))),
    el("div", { class: "card-body form" },
      el("p", { class: "soft" }, t("plan.filter"), ": ", el("span", { class: "mono" }, filterText(bulk)), " · ",
        t("bulk.begun_by", { by: visibleLine(by) }), " ", time(begun, "nearby"),
        ended && [" · ", t("bulk.head_ended"), " ", time(ended, "nearby")]),
      progress(bulk),
      el("p", { class: "legend" }, part(number(done), t("bulk.done")),
        skippedWords(bulk).map(([count, words]) => part(count, words)),
        left > 0 && part(number(left), running && matched > left
          ? t("bulk.left_about", { duration: age(left * pace) }) : t("bulk.left")))),
    running && el("div", { class: "card-foot" }, t("bulk.stop_text", { count: done })));
}
