// How the filter box looks: chips, the field, completions, and what is wrong.
import { faultWords } from "./block.js";
import { visibleLine } from "./bytes.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { t, word } from "./message.js";

const PARTS = /^((?:label\.)?(?:"[^"]*"|[\w.-]*):(?!\/\/))?(.*)$/s;

/**
 * `box` is {texts, faults, text, offered, active}; `settle(texts)` takes other terms, `choose(index)` a completion,
 * `on` are the handlers of the field.
 */
export function filterView({ texts, faults, text, offered, active }, { settle, choose, on }) {
  const at = faults.findIndex(Boolean);
  const some = offered.length > 0;
  const without = (index) => settle(texts.filter((_, place) => place !== index));
  return [
    el("div", { class: "search filter", role: "search" }, icon("search"),
      el("div", { class: "filter-terms" },
        texts.map((each, index) => chip(`${index} ${each}`, each, faults[index], () => without(index))),
        el("input", { key: "input", value: text, type: "text", role: "combobox", autocomplete: "off",
          spellcheck: "false", autocapitalize: "none", "aria-label": t("filter.label"), "aria-expanded": String(some),
          "aria-controls": some ? "filter-options" : null, "aria-autocomplete": "list",
          "aria-activedescendant": active >= 0 ? `filter-option-${active}` : null,
          "aria-describedby": at >= 0 ? "filter-fault" : null, placeholder: t("filter.placeholder"), on })),
      el("kbd", { class: "wide-only", "aria-hidden": "true" }, "/")),
    some && el("ul", { class: "options", role: "listbox", id: "filter-options", "aria-label": t("filter.options") },
      offered.map((each, index) => option(each, index, index === active, choose))),
    at >= 0 && el("div", { class: "help-bad", role: "alert", id: "filter-fault", key: "fault" }, icon("warning", "sm"),
      el("span", {}, faultWords({ ...faults[at], params: faults[at] })), meant(texts, at, faults[at], settle)),
  ];
}

function chip(key, text, fault, press) {
  const [, name, value] = PARTS.exec(visibleLine(text));
  const label = t("tasks.remove_term", { name: visibleLine(text) });
  return el("span", { class: fault ? "term term-bad" : "term", key: `term ${key}` }, el("i", {}, name),
    el("span", { class: "cut" }, value),
    el("button", { type: "button", "aria-label": label, title: label, on: { click: press } }, icon("close")));
}

function option({ value, kind, count }, index, active, choose) {
  return el("li", { role: "option", id: `filter-option-${index}`, "aria-selected": String(active),
    on: { pointerdown: (event) => event.preventDefault(), click: () => choose(index) } },
  el("span", { class: "mono" }, visibleLine(value)), el("span", { class: "muted" }, kind ? word(kind, value) : count));
}

function meant(texts, index, { wrong, suggestion }, settle) {
  if (!suggestion) return null;
  const better = texts.map((each, place) => (place === index ? each.replace(wrong, suggestion) : each));
  return el("button", { class: "btn btn-sm", type: "button", on: { click: () => settle(better) } },
    t("filter.did_you_mean", { text: visibleLine(better[index]) }));
}
