// The request of a new task as text: the JSON, which can be changed, and the curl command; what stands above
// and below all views.
import { address } from "./api.js";
import { errorTrace, errorWords, faultList, notice } from "./block.js";
import { visible } from "./bytes.js";
import { curlPost } from "./curl.js";
import { faultOfRequest, faultsElsewhere, isChanged } from "./draft.js";
import { el } from "./dom.js";
import { field } from "./fields.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { toBody } from "./request.js";
import { mayCreate } from "./session.js";

const VIEWS = ["form", "json", "curl"];

/** The choice between the views; `show(view)` shows another one than `view`. */
export function viewSegments(view, show) {
  return el("div", { class: "segments", role: "group", "aria-label": t("composer.view") }, VIEWS.map((each) =>
    el("button", { type: "button", "aria-pressed": String(each === view), on: { click: () => show(each) } },
    t(`composer.view_${each}`))));
}

/** The JSON as a field; `type(text)` is called while it is typed. */
export function jsonView(draft, type) {
  const text = toBody(draft);
  const fault = faultOfRequest(text);
  return el("div", { class: "card-body form", key: "json" },
    field({ name: "request", label: t("composer.request"), faults: fault ? [fault] : [],
      help: t("composer.request_help"), control: (attributes) => el("textarea", { ...attributes, class: "input mono",
        rows: 20, spellcheck: "false", value: text, on: { input: ({ target }) => type(target.value) } }) }),
    !fault && el("p", { class: "help-good" }, icon("check", "sm"), el("span", {}, t("composer.request_valid"))));
}

/** The curl command. */
export function curlView(draft) {
  return el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0", key: "curl" }, visible(curlOfDraft(draft)));
}

/** The curl command as a text. */
export function curlOfDraft(draft) {
  return curlPost(new URL(address("/tasks"), location.href).href, toBody(draft));
}

/** That somebody finds what he has left. */
export function keptNote() {
  return el("div", { key: "kept" }, notice("", "info", el("span", {}, t("composer.kept"))));
}

/** The buttons below all views; `busy` says what is under way, `clear` and `tryOut` are what they do. */
export function composerFoot({ draft, busy, clear, tryOut }) {
  const free = busy === null && mayCreate();
  const changed = isChanged(draft);
  const button = (kind, key, rest, words) => el("button", { class: kind, key, ...rest }, t(`composer.${words}`));
  return el("div", { class: "card-foot" }, el("span", { class: "grow" },
    t(!mayCreate() ? "refused.role" : changed ? "composer.foot_kept" : "composer.foot")),
  changed && button("btn", "clear", { type: "button", on: { click: clear } }, "clear"),
  button("btn", "dry", { type: "button", disabled: !free, on: { click: tryOut } }, "dry_run"),
  button("btn btn-primary", "create", { type: "submit", disabled: !free }, busy === "create" ? "creating" : "create"));
}

/** Why the call was refused, with the faults that no field of `draft` shows; null for it: all. */
export function trouble(refusal, faults, draft) {
  if (!refusal) return null;
  const apart = (draft ? faultsElsewhere(faults, draft) : faults).filter(({ pointer }) => pointer);
  return el("div", { key: "trouble" }, notice("bad", "warning", el("div", { class: "grow" },
    el("p", {}, faults.length ? t("composer.faults", { count: faults.length }) : errorWords(refusal)),
    faultList(apart),
    refusal.code !== "draft" && errorTrace(refusal))));
}
