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
import { becomes, firstOf, isFilled, planFields, requestOf } from "./planform.js";
import { begin } from "./progress.js";
import { resource } from "./resource.js";
import { statusLabel } from "./status.js";
import { toast } from "./toast.js";

const DANGEROUS = ["cancel", "delete"];

/**
 * Plan an action on all that a filter finds, or on `ids`; `begun` is called when it runs. `url` is that of one of the
 * tasks, for an edit.
 */
export function openPlan({ action, filter, ids, url, begun }) {
  const aim = ids ? { ids } : { filter: Object.fromEntries(conditions(filter)) };
  const body = el("div", { class: "dialog-body" });
  const foot = el("div", { class: "dialog-foot" });
  let given = firstOf(action, url);
  let asked = null; // what the plan was made of, as a text
  let typed = "";
  let trouble = null;
  let busy = false;

  const request = () => JSON.stringify({ action, ...aim, ...requestOf(action, given) });
  const call = (more) => post("/bulk", { body: JSON.stringify({ ...JSON.parse(asked), ...more }) });
  const plan = resource(() => call({ dry_run: true }), draw);
  const isCurrent = () => asked === request() && plan.data !== null && !plan.error;

  function make() {
    asked = request();
    Object.assign(plan, { data: null, error: null });
    draw();
    return plan.load();
  }

  function draw() {
    const count = plan.data?.count ?? 0;
    const faults = asked === request() ? plan.error?.errors ?? [] : [];
    const title = isCurrent() ? t("plan.title", { what: t(`bulk.${action}`, { count }) }) : t(`plan.title_${action}`);
    patch(body, el("h2", { id: "plan-title" }, title), trouble && failed(trouble),
      given && [el("p", { key: "text" }, t(`plan.text_${action}`)), planFields(action, given, faults, (part) => {
        given = { ...given, ...part };
        draw();
      })],
      asked === request() && (faults.length ? failed(plan.error) : block({ ...plan, load: make }, content, 5)));
    patch(foot, el("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, t("action.back")),
      given && !isCurrent() ? planButton() : confirmButton(count));
  }

  function planButton() {
    return el("button", { class: "btn btn-primary", type: "button", key: "plan", disabled: !isFilled(action, given),
      on: { click: make } }, t("plan.make"));
  }

  function confirmButton(count) {
    const ready = isCurrent() && count > 0 && !busy && (action !== "delete" || figureOf(typed) === String(count));
    return el("button", { class: `btn btn-${DANGEROUS.includes(action) ? "danger" : "primary"}`, type: "button",
      key: "confirm", disabled: !ready, on: { click: run } },
    isCurrent() ? t(`bulk.${action}`, { count }) : t(`plan.title_${action}`));
  }

  function content({ count, exact, sample, skipped: { status: passed } }) {
    const all = exact ? number(count) : t("tasks.at_least", { count });
    return [
      (!given || !count) && el("p", {}, t(count ? `plan.text_${action}` : "plan.nothing")),
      el("dl", { class: "plan" },
        el("dt", {}, t("plan.count")), el("dd", {}, el("b", {}, all)),
        el("dt", {}, t("plan.filter")), el("dd", {}, ids ? t("bulk.chosen", { count: ids.length }) : inWords(filter)),
        passed && [el("dt", {}, t("plan.skipped")), el("dd", {}, t("plan.skipped_text", { count: passed }))]),
      sample.length > 0 && el("ul", { class: "samples", "aria-label": t("plan.sample") },
        sample.map((task) => example(task, action === "edit" ? given : null))),
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
    [busy, trouble] = [true, null];
    draw();
    try {
      const bulk = await call({ token: plan.data.token });
      dialog.close();
      begin(bulk);
      begun();
      if (document.activeElement === document.body) document.querySelector("h1")?.focus(); // its button is gone
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!dialog.isConnected) return toast(errorWords(error), "warning");
      [busy, trouble, typed] = [false, error, ""];
      if (error.code === "stale_plan") await make();
      draw();
    }
  }

  const dialog = openDialog({ class: "dialog", "aria-labelledby": "plan-title" }, body, foot);
  if (given && !isFilled(action, given)) draw();
  else make();
  body.querySelector(given?.from ? "#plan-to" : ".form input")?.focus();
}

function failed(error) {
  return notice("bad", "warning", el("div", {}, el("p", {}, errorWords(error)), errorTrace(error)));
}

function example({ status, event, method, url }, change) {
  return el("li", {}, statusLabel(status), el("span", { class: change ? "grow" : "cut" },
    visibleLine(event ?? method), " ", el("span", { class: "muted" }, hostAndPath(url)),
    change && el("div", {}, becomes(url, change))));
}

function figureOf(text) {
  return text.replace(/\D/g, "");
}
