// Bulk operations in words: what is done, to which tasks, how far it has come, what was passed over and why.
import { ApiError, remove } from "./api.js";
import { errorWords } from "./block.js";
import { el, svg } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { mayAct } from "./session.js";
import { toast } from "./toast.js";

export const SIGNS = { retry: "retrying", cancel: "cancelled", delete: "close", resend: "resend", edit: "edit" };

/** How many tasks it has passed over. */
export function skippedBy({ skipped }) {
  return Object.values(skipped).reduce((all, count) => all + count, 0);
}

/** What it does to how many, as a heading. */
export function title({ action, matched }) {
  return t(`bulk.${action}`, { count: matched });
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

/** The button that stops it; `done` is called with what became of it, and waited for. */
export function stopButton({ id }, done) {
  const refused = mayAct() ? null : t("refused.role");
  const stop = async () => {
    try {
      await done(await remove(`/bulk/${id}`));
      if (document.activeElement === document.body) document.querySelector("h1")?.focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(errorWords(error), "warning");
    }
  };
  return el("button", { class: "btn btn-sm", type: "button", key: `stop ${id}`, title: refused,
    "aria-disabled": refused ? "true" : null, on: { click: () => refused || stop() } },
  icon("close", "sm"), t("bulk.stop"));
}
