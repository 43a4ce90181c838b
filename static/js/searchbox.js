// A box to search in.
import { el } from "./dom.js";
import { icon } from "./icon.js";

/** `change(text)` is called while it is typed. */
export function searchBox(label, value, change) {
  const input = el("input", { type: "search", value, "aria-label": label, placeholder: label, spellcheck: "false",
    autocomplete: "off", on: { input: (event) => change(event.target.value) } });
  return el("div", { class: "search", role: "search" }, icon("search"), input);
}
