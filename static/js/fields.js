// Fields of a form, each with its faults beside it.
import { faultWords } from "./block.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";

/** A labelled field: `control(attributes)` makes the input; `faults` are those of the server or of the page. */
export function field({ name, label, help, faults = [], control }) {
  const described = [help && `${name}-help`, faults.length && `${name}-faults`].filter(Boolean).join(" ");
  const attributes = { id: name, "aria-describedby": described || null, "aria-invalid": faults.length ? "true" : null };
  return el("div", { class: "field", key: name }, label && el("label", { for: name }, label), control(attributes),
    help && el("p", { class: "help", id: `${name}-help` }, help), faultLines(`${name}-faults`, faults));
}

/** A one-line input. */
export function input(attributes, value, change) {
  return el("input", { type: "text", autocomplete: "off", spellcheck: "false", ...attributes,
    class: `input ${attributes.class ?? ""}`.trim(), value, on: { input: (event) => change(event.target.value) } });
}

/** A choice of one. options: [[value, text]]. */
export function select(attributes, options, value, change) {
  const choices = options.map(([each, text]) => el("option", { value: each, selected: each === value }, text));
  return el("span", { class: "select" }, el("select", { ...attributes, class: "input", value,
    on: { change: (event) => change(event.target.value) } }, choices), icon("down", "sm"));
}

/** Rows of name and value, to be added and removed. `faultsOf(name)` are those of one row. */
export function pairs({ name, label, items, words, faults = [], faultsOf, change }) {
  const update = (id, part) => change(items.map((item) => (item.id === id ? { ...item, ...part } : item)));
  const focus = (part) => document.getElementById(name)?.querySelector(part)?.focus();
  const add = () => {
    change([...items, { id: Math.max(0, ...items.map(({ id }) => id)) + 1, name: "", value: "" }]);
    focus(".pairs > :last-child input");
  };
  const drop = (index) => {
    change(items.filter((_, each) => each !== index));
    const next = Math.min(index + 1, items.length - 1); // the row that stands there now, else the last
    focus(next ? `.pairs > :nth-child(${next}) button` : "button");
  };
  const row = (item, index) => {
    const wrong = item.name ? faultsOf(item.name) : [];
    const invalid = wrong.length ? "true" : null;
    return el("div", { key: `${name} ${item.id}` }, el("div", { class: "pair" },
      input({ class: "mono", "aria-label": words.name, "aria-invalid": invalid, placeholder: words.name }, item.name,
        (text) => update(item.id, { name: text })),
      input({ class: "mono", "aria-label": words.value, "aria-invalid": invalid, placeholder: words.value }, item.value,
        (text) => update(item.id, { value: text })),
      el("button", { class: "btn btn-quiet btn-icon", type: "button", "aria-label": words.remove, title: words.remove,
        on: { click: () => drop(index) } }, icon("close"))),
    faultLines(null, wrong));
  };
  return el("div", { class: "field", id: name, key: name, role: "group", "aria-label": label },
    el("div", { class: "row" }, el("span", { class: "label grow" }, label),
      el("button", { class: "btn btn-quiet btn-sm", type: "button", "aria-label": words.add, on: { click: add } },
        icon("plus", "sm"), t("action.add"))),
    el("div", { class: "pairs" }, items.map(row)), faultLines(`${name}-faults`, faults));
}

function faultLines(id, faults) {
  if (!faults.length) return null;
  return el("div", { id }, faults.map((fault) => el("p", { class: "help-bad" }, icon("warning", "sm"),
    el("span", {}, faultWords(fault)))));
}
