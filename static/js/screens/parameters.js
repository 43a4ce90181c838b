// The list of service parameters, by section: value, default, where the value came from, what it is for.
import { get } from "../api.js";
import { block, empty } from "../block.js";
import { visibleLine } from "../bytes.js";
import { copyAndSay } from "../clipboard.js";
import { el, patch } from "../dom.js";
import { bytes, duration } from "../format.js";
import { icon } from "../icon.js";
import { language, t } from "../message.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { searchBox } from "../searchbox.js";
import { table } from "../table.js";
import { tomlOf } from "../toml.js";

const UNITS = { s: (seconds) => duration(seconds * 1000), bytes };

export function make({ query, signal, go }) {
  const element = el("div", { class: "screen" });
  let asked = read(query);
  const parameters = resource(() => get("/parameters", { signal }), draw);

  function draw() {
    patch(element, block(parameters, content, 12));
  }

  function content({ items }) {
    const changed = items.filter(isChanged);
    const shown = (asked.changed ? changed : items).filter(matches);
    return [
      el("div", { class: "toolbar" }, searchBox(t("parameters.search"), asked.q, search),
        el("div", { class: "segments" }, segment(false, t("parameters.all", { count: items.length })),
          segment(true, t("parameters.changed", { count: changed.length }))),
        el("button", { class: "btn", type: "button", on: { click: () => copyAndSay(tomlOf(shown)) } }, icon("copy"),
          t("parameters.copy_toml"))),
      el("div", { class: "grid-toc" }, contents(shown), el("section", { class: "card" },
        shown.length ? list(shown) : empty("search", t("parameters.no_match"), null),
        el("div", { class: "card-foot" }, t("parameters.foot")))),
    ];
  }

  function search(q) {
    go(href("parameters", {}, write({ ...asked, q })), { replace: true });
  }

  const segment = (changed, text) => el("a", { href: href("parameters", {}, write({ ...asked, changed })),
    "aria-current": asked.changed === changed ? "true" : null }, text);

  function matches(item) {
    const text = [item.name, item.display, item.env, item.description[language()]].join(" ").toLowerCase();
    return text.includes(asked.q.trim().toLowerCase());
  }

  return { element, title: () => t("nav.parameters"), load: parameters.load, moved: (next) => {
    asked = read(next);
    draw();
  } };
}

function read(query) {
  return { q: query.get("q") ?? "", changed: query.get("changed") === "1" };
}

function write({ q, changed }) {
  return { ...(q && { q }), ...(changed && { changed: "1" }) };
}

function isChanged({ origin }) {
  return origin !== "default";
}

function contents(items) {
  const sections = [...new Set(items.map(({ section }) => section))];
  const count = (name) => items.filter(({ section }) => section === name).length;
  const link = (name) => el("a", { href: `#section-${name}`, on: { click: jump } }, visibleLine(name),
    el("span", { class: "count" }, count(name)));
  return el("nav", { class: "toc", "aria-label": t("parameters.sections") }, sections.map(link));
}

// By hand: the browser's own way would make an entry in the history.
function jump(event) {
  event.preventDefault();
  document.querySelector(event.currentTarget.hash).scrollIntoView();
}

function list(items) {
  let before = null;
  const heading = ({ section }) => {
    if (section === before) return null;
    before = section;
    return el("tr", { class: "section", id: `section-${section}`, key: `section ${section}` },
      el("th", { scope: "rowgroup", colspan: 5 }, `[${visibleLine(section)}]`));
  };
  return table({ caption: t("nav.parameters"), kind: "stack params", items, columns: columns(), section: heading,
    keyOf: ({ name }) => name, rowClass: (item) => (isChanged(item) ? "changed" : "") });
}

function columns() {
  return [
    { name: "name", head: t("column.parameter"), cell: ({ name }) => visibleLine(name) },
    { name: "value", head: t("column.value"), cell: ({ secret, display, value }) => (secret
      ? el("span", { class: "muted" }, t("parameters.hidden")) : shown(display, value)) },
    { name: "default", head: t("column.default"), label: t("column.default"), cell: usual },
    { name: "origin", head: t("column.origin"), cell: origin },
    { name: "why", head: t("column.purpose"), kind: "soft", cell: purpose },
  ];
}

// The default as people read it: the value's own form where it is the default, else by its unit.
function usual(item) {
  const raw = item.default;
  if (!isChanged(item)) return shown(item.display, raw);
  const read = (value) => (typeof value === "number" && UNITS[item.unit] ? UNITS[item.unit](value) : value);
  return shown(Array.isArray(raw) ? raw.map(read) : read(raw), raw);
}

function shown(display, raw) {
  if (display === null || display === undefined || display.length === 0) return el("span", { class: "muted" }, "—");
  return el("span", { title: visibleLine(asText(raw)) }, visibleLine(asText(display)));
}

function asText(value) {
  if (Array.isArray(value)) return value.map(asText).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function origin(item) {
  const text = t(`origin.${item.origin}`);
  return isChanged(item) ? el("span", { class: "tag" }, text) : el("span", { class: "muted" }, text);
}

function purpose({ description, origin: from, env }) {
  return [description[language()], from === "environment" && [" ", el("span", { class: "mono muted" }, env)]];
}
