// A new task: a form, the call it makes, and the faults the server finds, beside their fields.
import { address, ApiError, get, post } from "../api.js";
import { errorTrace, errorWords, faultList, notice } from "../block.js";
import { sizeOf, visibleLine } from "../bytes.js";
import { copyButton } from "../clipboard.js";
import { curlPost } from "../curl.js";
import { el, patch } from "../dom.js";
import { emptyDraft, faultsAt, faultsElsewhere, faultsOfDraft, isChanged, toBody } from "../draft.js";
import { field, input, pairs, select } from "../fields.js";
import { bytes } from "../format.js";
import { icon } from "../icon.js";
import { t } from "../message.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { toast } from "../toast.js";

const VERBS = ["POST", "PUT", "PATCH", "DELETE", "GET"];
const EXAMPLE_URL = "https://recipient.example/hooks";
const KINDS = ["json", "text", "none"];
let draft = emptyDraft();

export function make({ query, signal, go }) {
  const element = el("div", { class: "grid-main" });
  const methods = resource(() => get("/methods", { signal }), draw);
  let faults = [];
  let refusal = null;
  let sending = false;
  if (query.get("method")) draft.method = query.get("method");

  const set = (part) => {
    draft = { ...draft, ...part };
    draw();
  };
  const at = (...path) => faultsAt(faults, ...path);
  const chosen = () => methods.data?.items.find(({ name }) => name === draft.method);

  function draw() {
    patch(element, form(), el("aside", { class: "main-col" }, callCard()));
  }

  function form() {
    return el("form", { class: "card", novalidate: true, on: { submit } },
      el("div", { class: "card-head" }, el("h2", {}, t("composer.title"))),
      el("div", { class: "card-body form" }, trouble(), target(), payload(), eventAndAttempts(),
        pairsOf("labels"), pairsOf("headers")),
      el("div", { class: "card-foot" }, el("span", { class: "grow" }, t("composer.foot")),
        isChanged(draft) && el("button", { class: "btn", type: "button", on: { click: clear } }, t("composer.clear")),
        el("button", { class: "btn btn-primary", type: "submit", disabled: sending },
          t(sending ? "composer.creating" : "composer.create"))));
  }

  function trouble() {
    if (!refusal) return null;
    return notice("bad", "warning", el("div", { class: "grow" },
      el("p", {}, faults.length ? t("composer.faults", { count: faults.length }) : errorWords(refusal)),
      faultList(faultsElsewhere(faults, draft)),
      refusal.code !== "draft" && errorTrace(refusal)));
  }

  function target() {
    const names = methods.data?.items.map(({ name }) => name) ?? VERBS;
    const options = (names.includes(draft.method) ? names : [draft.method, ...names]).map((name) => [name, name]);
    const own = chosen()?.url;
    return el("div", { class: "form-row" },
      field({ name: "method", label: t("column.method"), faults: at("method"),
        control: (attributes) => select(attributes, options, draft.method, (method) => set({ method })) }),
      field({ name: "url", label: t("composer.url"), faults: at("url"),
        help: own ? t("composer.url_of_method", { url: visibleLine(own) }) : null,
        control: (attributes) => input({ ...attributes, class: "mono", inputmode: "url",
          placeholder: own ? visibleLine(own) : EXAMPLE_URL }, draft.url, (url) => set({ url })) }));
  }

  function payload() {
    const name = draft.kind === "text" ? "body" : "payload";
    const value = draft.kind === "text" ? draft.text : draft.json;
    const change = (event) => set({ [draft.kind]: event.target.value });
    const area = (attributes) => el("textarea", { ...attributes, class: "input mono", rows: 8, spellcheck: "false",
      value, on: { input: change } });
    return el("div", { class: "field" },
      el("div", { class: "row" }, el("label", { class: "label grow", for: name }, t("body.title")), kinds()),
      draft.kind !== "none" && field({ name, faults: payloadFaults(name), control: area }),
      payloadHelp(value));
  }

  function kinds() {
    return el("div", { class: "segments", role: "group", "aria-label": t("composer.kind") }, KINDS.map((kind) => el(
      "button", { type: "button", "aria-pressed": String(draft.kind === kind), on: { click: () => set({ kind }) } },
      t(`composer.kind_${kind}`))));
  }

  // JSON is checked while it is typed; what the server found stays until the next attempt.
  function payloadFaults(name) {
    const own = faultsOfDraft(draft).filter(({ pointer }) => pointer === "/payload");
    return name === "payload" && own.length ? own : at(name);
  }

  function payloadHelp(value) {
    if (draft.kind === "none") return el("p", { class: "help" }, t("composer.no_payload"));
    const size = bytes(sizeOf(value));
    if (draft.kind === "text") return el("p", { class: "help" }, t("composer.text_size", { size }));
    if (!value.trim()) return el("p", { class: "help" }, t("composer.no_payload"));
    if (payloadFaults("payload").length) return null;
    return el("p", { class: "help-good" }, icon("check", "sm"), el("span", {}, t("composer.json_valid", { size })));
  }

  function eventAndAttempts() {
    return el("div", { class: "form-3" },
      field({ name: "event", label: t("fact.event"), faults: at("event"), help: t("composer.event_help"),
        control: (attributes) => input(attributes, draft.event, (event) => set({ event })) }),
      field({ name: "max_attempts", label: t("column.attempts"), faults: at("max_attempts"),
        help: t("composer.attempts_help"), control: (attributes) => input({ ...attributes, inputmode: "numeric",
          placeholder: chosen()?.max_attempts }, draft.max_attempts, (text) => set({ max_attempts: text })) }));
  }

  function pairsOf(name) {
    const words = Object.fromEntries(["name", "value", "add", "remove"].map((word) => [word, t(`${name}.${word}`)]));
    return pairs({ name, label: t(`fact.${name}`), items: draft[name], words, faults: at(name),
      faultsOf: (item) => at(name, item), change: (items) => set({ [name]: items }) });
  }

  function callCard() {
    const command = curlPost(new URL(address("/tasks"), location.href).href, toBody(draft));
    return el("section", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, t("composer.call")),
      el("div", { class: "end" }, copyButton(command))),
    el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0" }, command));
  }

  async function submit(event) {
    event.preventDefault();
    faults = faultsOfDraft(draft);
    if (faults.length) return refuse(new ApiError({ code: "draft" }));
    sending = true;
    draw();
    try {
      const { id } = await post("/tasks", { body: toBody(draft) });
      draft = emptyDraft();
      toast(t("composer.created"));
      return go(href("task", { id }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      faults = error.errors;
      return refuse(error);
    } finally {
      sending = false;
      draw();
    }
  }

  function refuse(error) {
    refusal = error;
    draw();
    element.querySelector("[aria-invalid], .notice")?.scrollIntoView({ block: "center" });
    element.querySelector("[aria-invalid]")?.focus();
  }

  function clear() {
    faults = [];
    refusal = null;
    set(emptyDraft());
  }

  const stay = (event) => {
    if (isChanged(draft)) event.preventDefault(); // the browser asks
  };
  addEventListener("beforeunload", stay);
  draw();
  return {
    element,
    title: () => t("nav.new_task"),
    load: methods.load,
    leave: () => removeEventListener("beforeunload", stay),
  };
}
