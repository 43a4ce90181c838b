// What an operator does to a destination, with the question before it where one is due.
import { amend, ApiError, post } from "./api.js";
import { errorWords } from "./block.js";
import { visibleLine } from "./bytes.js";
import { el, patch } from "./dom.js";
import { faultsAt } from "./draft.js";
import { field, input } from "./fields.js";
import { fromParams } from "./filter.js";
import { t } from "./message.js";
import { openPlan } from "./planning.js";
import { ask } from "./question.js";
import { toast } from "./toast.js";

const path = (key) => `/destinations/${encodeURIComponent(key)}`;

/** resume, release or probe: no question, nothing is lost by it. `done` is given the destination. */
export async function steer(action, key, done) {
  try {
    const after = await post(`${path(key)}/${action}`);
    toast(t(`steer.${action}_done`));
    done(after);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(action === "probe" && error.status === 409 ? t("steer.probe_nothing") : errorWords(error), "warning");
  }
}

/** Ask for a note, then stop sending there. */
export function askPause({ key, waiting }, done) {
  const given = { note: "" };
  ask({
    title: t("steer.pause_title"),
    content: [
      el("p", { class: "mono" }, visibleLine(key)),
      el("p", {}, t("steer.pause_text", { count: waiting })),
      form(given, [{ name: "note", label: t("steer.note"), help: t("steer.note_help"), attributes: { maxlength: 500,
        autofocus: true } }]).element,
    ],
    action: t("steer.pause_confirm"),
    run: async () => {
      const after = await post(`${path(key)}/pause`, { body: JSON.stringify({ note: given.note.trim() || null }) });
      toast(t("steer.pause_done"));
      done(after);
    },
  });
}

/** Ask for the limits; an empty field takes an order back, then config.toml holds again. */
export function askLimits({ key, limit, rate, ordered }, done) {
  const given = { concurrency: text(ordered.concurrency), rate: text(ordered.rate) };
  const fields = form(given, [
    { name: "concurrency", label: t("steer.concurrency"), help: t("steer.concurrency_help"),
      attributes: { inputmode: "numeric", placeholder: String(limit), autofocus: true } },
    { name: "rate", label: t("steer.rate"), help: t("steer.rate_help"),
      attributes: { inputmode: "decimal", placeholder: rate ? String(rate) : t("steer.no_rate") } },
  ]);
  ask({
    title: t("steer.limits_title"),
    content: [el("p", { class: "mono" }, visibleLine(key)), fields.element],
    action: t("steer.limits_confirm"),
    run: async () => {
      const body = JSON.stringify({ concurrency: figure(given.concurrency), rate: figure(given.rate) });
      const after = await amend(path(key), { body }).catch((error) => {
        fields.show(error.errors ?? []);
        throw error;
      });
      toast(t("steer.limits_done"));
      done(after);
    },
  });
}

/** Plan to retry what has failed there. */
export function retryFailed(key, done) {
  const filter = fromParams(new URLSearchParams({ destination: key, status: "failed" }));
  openPlan({ action: "retry", filter, begun: () => done(null) });
}

// Fields that write into `given`, and show the faults that are found in it.
function form(given, fields) {
  const element = el("div", { class: "form" });
  const control = (name, attributes) => (more) => input({ ...more, ...attributes }, given[name], (value) => {
    given[name] = value;
  });
  const show = (faults) => patch(element, fields.map(({ name, label, help, attributes }) => field({ label, help,
    name: `steer-${name}`, faults: faultsAt(faults, name), control: control(name, attributes) })));
  show([]);
  return { element, show };
}

function text(value) {
  return value === null ? "" : String(value);
}

// What is no number goes out as text, for the server to say what is wrong with it.
function figure(value) {
  const typed = value.trim().replace(",", ".");
  if (!typed) return null;
  return Number.isFinite(Number(typed)) ? Number(typed) : typed;
}
