// Before many tasks are touched: what would be done to how many, a few of them, what is passed over. Then it is done.
import { ApiError, post } from "./api.js";
import { block, errorTrace, errorWords, notice } from "./block.js";
import { visibleLine } from "./bytes.js";
import { hostAndPath } from "./columns.js";
import { openDialog } from "./dialog.js";
import { el, patch } from "./dom.js";
import { conditions } from "./filter.js";
import { inWords } from "./filterwords.js";
import { number } from "./format.js";
import { t } from "./message.js";
import { begin } from "./progress.js";
import { resource } from "./resource.js";
import { statusLabel } from "./status.js";

/** Plan an action (retry, cancel, delete) on all that a filter finds, or on `ids`; `begun` is called when it runs. */
export function openPlan({ action, filter, ids, begun }) {
  const aim = ids ? { ids } : { filter: Object.fromEntries(conditions(filter)) };
  const body = el("div", { class: "dialog-body" });
  const foot = el("div", { class: "dialog-foot" });
  const call = (more) => post("/bulk", { body: JSON.stringify({ action, ...aim, ...more }) });
  const plan = resource(() => call({ dry_run: true }), draw);
  let typed = "";
  let trouble = null;
  let busy = false;

  function draw() {
    const count = plan.data?.count ?? 0;
    const title = el("h2", { id: "plan-title" }, t("plan.title", { what: t(`bulk.${action}`, { count }) }));
    patch(body, title, trouble && failed(trouble), block(plan, content, 5));
    const ready = count > 0 && !busy && (action !== "delete" || typed.replace(/\D/g, "") === String(count));
    patch(foot, el("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, t("action.back")),
      el("button", { class: `btn btn-${action === "retry" ? "primary" : "danger"}`, type: "button", disabled: !ready,
        on: { click: run } }, t(`bulk.${action}`, { count })));
  }

  function content({ count, exact, sample, skipped: { status: passed } }) {
    const all = exact ? number(count) : t("tasks.at_least", { count });
    return [
      el("p", {}, t(count ? `plan.text_${action}` : "plan.nothing")),
      el("dl", { class: "plan" },
        el("dt", {}, t("plan.count")), el("dd", {}, el("b", {}, all)),
        el("dt", {}, t("plan.filter")), el("dd", {}, ids ? t("bulk.chosen", { count: ids.length }) : inWords(filter)),
        passed && [el("dt", {}, t("plan.skipped")), el("dd", {}, t("plan.skipped_text", { count: passed }))]),
      sample.length > 0 && el("ul", { class: "samples", "aria-label": t("plan.sample") }, sample.map(example)),
      action === "delete" && count > 0 && el("div", { class: "field", key: "typed" },
        el("label", { for: "plan-typed" }, t("plan.type", { count })),
        el("input", { class: "input", id: "plan-typed", type: "text", inputmode: "numeric", autocomplete: "off",
          value: typed, on: { input: (event) => {
            typed = event.target.value;
            draw();
          } } })),
    ];
  }

  async function run() {
    busy = true;
    trouble = null;
    draw();
    try {
      const bulk = await call({ token: plan.data.token });
      dialog.close();
      begin(bulk);
      begun();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble = error;
      typed = "";
      busy = false;
      if (error.code === "stale_plan") await plan.load();
      draw();
    }
  }

  const dialog = openDialog({ class: "dialog", "aria-labelledby": "plan-title" }, body, foot);
  draw();
  plan.load();
}

function failed(error) {
  return notice("bad", "warning", el("div", {}, el("p", {}, errorWords(error)), errorTrace(error)));
}

function example({ status, event, method, url }) {
  return el("li", {}, statusLabel(status), el("span", { class: "cut" }, visibleLine(event ?? method), " ",
    el("span", { class: "muted" }, hostAndPath(url))));
}
