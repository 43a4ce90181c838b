// The fields of a new task, each with its faults beside it.
import { notice } from "./block.js";
import { sizeOf, visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { faultsAt, faultsOfDraft, faultsUnder, ofKind } from "./draft.js";
import { field, input, pairs, select } from "./fields.js";
import { bytes } from "./format.js";
import { icon } from "./icon.js";
import { parts, t } from "./message.js";

const VERBS = ["POST", "PUT", "PATCH", "DELETE", "GET"];
const EXAMPLE_URL = "https://recipient.example/hooks";
const PLAIN = "text/plain; charset=utf-8";
const KINDS = ["json", "text", "file", "none"];
const NAMES = { json: "payload", text: "body", file: "body_base64" };

/**
 * The fields of `draft`; `set(part)` changes it, `take(file)` reads a file into it, `show(view)` shows another view;
 * `methods` are those known.
 */
export function formFields({ draft, faults, methods, set, take, show }) {
  const at = (...path) => faultsAt(faults, ...path);
  const chosen = methods?.find(({ name }) => name === draft.method);
  const line = (name, label, { help, placeholder, wrong = at(name), kind, ...attributes } = {}) => field({ name, label,
    help, faults: wrong, control: (more) => input({ ...more, ...attributes, placeholder, class: kind }, draft[name],
      (text) => set({ [name]: text })) });

  function target() {
    const names = methods?.map(({ name }) => name) ?? VERBS;
    const options = (names.includes(draft.method) ? names : [draft.method, ...names]).map((name) => [name, name]);
    const own = chosen?.url;
    return el("div", { class: "form-row" },
      field({ name: "method", label: t("column.method"), faults: at("method"),
        control: (attributes) => select(attributes, options, draft.method, (method) => set({ method })) }),
      line("url", t("composer.url"), { kind: "mono", inputmode: "url",
        placeholder: own ? visibleLine(own) : EXAMPLE_URL,
        help: own ? t("composer.url_of_method", { url: visibleLine(own) }) : null }));
  }

  function payload() {
    const kind = (each) => el("button", { type: "button", "aria-pressed": String(draft.kind === each),
      on: { click: () => set(ofKind(draft, each)) } }, t(`composer.kind_${each}`));
    return el("div", { class: "field", key: "payload" },
      el("div", { class: "row" }, el("label", { class: "label grow", for: NAMES[draft.kind] ?? null }, t("body.title")),
        el("div", { class: "segments", role: "group", "aria-label": t("composer.kind") }, KINDS.map(kind))),
      draft.kind !== "none" && field({ name: NAMES[draft.kind], faults: payloadFaults(), control }), payloadHelp());
  }

  function control(attributes) {
    if (draft.kind === "file") {
      return el("label", { class: "btn file", key: "file" }, icon("inbox"), t("composer.file"), el("input", {
        ...attributes, class: "hidden", type: "file", on: { change: pick } }));
    }
    return el("textarea", { ...attributes, class: "input mono", rows: 8, spellcheck: "false", value: draft[draft.kind],
      on: { input: ({ target }) => set({ [draft.kind]: target.value }) } });
  }

  function pick({ target: { files } }) {
    if (files.length) take(files[0]);
  }

  // JSON is checked while it is typed; what the server found stays until the next attempt.
  function payloadFaults() {
    const own = faultsOfDraft(draft).filter(({ pointer }) => pointer === "/payload");
    return draft.kind === "json" && own.length ? own : at(NAMES[draft.kind]);
  }

  function payloadHelp() {
    const { kind, file, text, json } = draft;
    const said = (words) => el("p", { class: "help" }, words);
    if (kind === "text") {
      const type = visibleLine(draft.content_type.trim() || PLAIN);
      return said(t("composer.text_size", { size: bytes(sizeOf(text)), type }));
    }
    if (kind === "file" && file) {
      return said(t("composer.file_size", { name: visibleLine(file.name || NAMES.file), size: bytes(file.size) }));
    }
    if (kind !== "json" || !json.trim()) return said(t("composer.no_payload"));
    if (payloadFaults().length) return null;
    return el("p", { class: "help-good" }, icon("check", "sm"),
      el("span", {}, t("composer.json_valid", { size: bytes(sizeOf(json)) })));
  }

  function pairsOf(name) {
    const words = Object.fromEntries(["name", "value", "add", "remove"].map((word) => [word, t(`${name}.${word}`)]));
    return pairs({ name, label: t(`fact.${name}`), items: draft[name], words, faults: at(name),
      faultsOf: (item) => at(name, item), change: (items) => set({ [name]: items }) });
  }

  // The request has more in it than there are fields for.
  function more() {
    if (!draft.more.length) return null;
    const names = draft.more.map(([name]) => visibleLine(name)).join(", ");
    return notice("", "info", el("span", { class: "grow" }, parts("composer.more", { names: el("span",
      { class: "mono" }, names) })), el("button", { class: "btn btn-sm", type: "button",
      on: { click: () => show("json") } }, t("composer.view_json")));
  }

  const three = (...fields) => el("div", { class: "form-3" }, fields);
  return [
    more(), target(), payload(),
    three(line("event", t("fact.event"), { help: t("composer.event_help") }),
      line("order_key", t("fact.order_key"), { help: t("composer.order_help"), kind: "mono" }),
      line("content_type", t("composer.content_type"), { kind: "mono",
        placeholder: draft.kind === "file" ? draft.file?.type || null : null })),
    pairsOf("labels"), pairsOf("headers"),
    three(line("max_attempts", t("column.attempts"), { help: t("composer.attempts_help"), inputmode: "numeric",
      placeholder: chosen?.max_attempts }),
    line("waits", t("composer.waits"), { help: t("composer.waits_help"), wrong: faultsUnder(faults, "retry"),
      placeholder: t("composer.as_configured") }),
    line("timeout", t("composer.timeout"), { placeholder: chosen?.timeout ? String(chosen.timeout) : null,
      help: t("composer.timeout_help") })),
    three(line("deliver_at", t("composer.deliver_at"), { type: "datetime-local", step: "1",
      help: t("composer.deliver_at_help") }),
    line("ttl", t("composer.ttl"), { help: t("composer.ttl_help"), placeholder: t("composer.as_configured") }),
    line("callback", t("composer.callback"), { kind: "mono", inputmode: "url", wrong: faultsUnder(faults, "callback"),
      help: t("composer.callback_help") })),
  ];
}
