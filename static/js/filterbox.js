// The filter box: a finished term is a chip, what is typed is completed, a part that can't be read stays and says why.
import { get } from "./api.js";
import { el, patch } from "./dom.js";
import { chips, parse } from "./filter.js";
import { filterView } from "./filterview.js";
import { read, writeTerm } from "./language.js";
import { beginning, faultOf, options, typing } from "./suggestion.js";

const TASK_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const WORDED = { status: "status", group: "groups", reason: "reason", error: "error_class" };
const SUGGESTED = /^(destination|source|event|label\..+)$/;
const MOST = 12; // completions

/** `apply({terms, rest})` takes a filter into use, `open(id)` a task. Returns {element, show(filter), focus()}. */
export function filterBox({ apply, open, signal }) {
  const element = el("div", { class: "filter-box" });
  let shown = []; // the terms in use, as texts
  let draft = null; // those that stand there instead until they can be used
  let text = ""; // what is being typed
  let offered = [];
  let active = -1;

  const current = () => draft ?? shown;
  const faults = () => current().map((each) => read(each).map(faultOf).find(Boolean) ?? null);
  const input = () => element.querySelector("input");

  function draw() {
    patch(element, filterView({ texts: current(), faults: faults(), text, offered, active },
      { settle: pressedChip, choose, on: { input: typed, keydown: pressed, blur: left } }));
  }

  // Use the terms if all can be read; else they stay, and the list keeps the filter that it has.
  function settle(texts) {
    const before = shown.join(" ");
    close();
    say("");
    draft = texts;
    if (!faults().some(Boolean)) {
      shown = texts;
      draft = null;
    }
    draw();
    if (!draft && texts.join(" ") !== before) apply(parse(texts.join(" ")));
  }

  function pressedChip(texts) {
    settle(texts);
    input().focus();
  }

  function finish() {
    settle([...current(), ...read(text).map((part) => part.text)]);
  }

  function say(value) {
    text = value;
    input().value = value;
  }

  function close() {
    offered = [];
    active = -1;
  }

  function typed(event) {
    text = event.target.value;
    const id = text.trim().toLowerCase();
    if (TASK_ID.test(id)) return open(id, say(""));
    const ended = /\S\s$/.test(text) && !read(text).some((part) => part.faults[0]?.code === "unclosed_quote");
    return ended && !event.isComposing ? finish() : offer();
  }

  async function offer() {
    const asked = text;
    const at = typing(asked);
    const items = options(at)?.map((value) => ({ value, kind: WORDED[at.word] })) ?? await known(at, signal);
    if (asked !== text || document.activeElement !== input()) return;
    close();
    offered = items.slice(0, MOST);
    draw();
  }

  function choose(index) {
    const { head, word } = typing(text);
    const { value } = offered[index];
    say(head + (SUGGESTED.test(word) ? writeTerm("", [value]).slice(1) : value));
    if (word) finish();
    else offer();
  }

  function pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    if (step && offered.length) active = (Math.max(active, step < 0 ? 0 : -1) + step + offered.length) % offered.length;
    else if (step > 0) offer();
    else if (active >= 0 && ["Enter", "Tab"].includes(event.key)) choose(active);
    else if (event.key === "Enter") finish();
    else if (event.key === "Backspace" && !text && current().length) {
      draft = [...current()];
      say(draft.pop());
    } else if (event.key === "Escape") escape();
    else return;
    event.preventDefault();
    draw();
  }

  // First the completions go, then what was not used.
  function escape() {
    if (!offered.length) {
      draft = null;
      say("");
      input().blur();
    }
    close();
  }

  // What is typed stays as it is: half of a term is none.
  function left() {
    if (signal.aborted) return; // the screen is gone, and the field with it
    close();
    draw();
  }

  return {
    element,
    focus: () => input().focus(),
    show(filter) {
      const next = chips(filter);
      if (next.join(" ") !== shown.join(" ")) draft = null;
      shown = next;
      draw();
    },
  };
}

// The values of a word that only the service knows; none if it can't say.
async function known({ word, prefix }, signal) {
  try {
    if (SUGGESTED.test(word)) return (await get("/suggest", { signal, query: { field: word, prefix } })).items;
    const { items } = word === "method" ? await get("/methods", { signal }) : { items: [] };
    return beginning(items.map(({ name }) => name), prefix).map((value) => ({ value }));
  } catch {
    return [];
  }
}
