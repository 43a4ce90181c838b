// A filter in words, for people who are about to do something to all that it finds.
import { visibleLine } from "./bytes.js";
import { BOUNDED } from "./bounds.js";
import { either, exact } from "./format.js";
import { has, t, word } from "./message.js";

const NAMED = { status: "status", group: "groups", reason: "reason", error: "error_class" };
const BOUNDS = Object.values(BOUNDED).flat();

/** Filter → a text such as "Status: Failed · accepted since 24h ago". */
export function inWords({ terms, rest }) {
  const said = Object.entries(terms).map(([name, values]) => (BOUNDS.includes(name)
    ? t(`filter.${name}`, { value: momentWords(values[0]) })
    : t("filter.term", { name: nameOf(name), values: either(values.map((each) => valueWords(name, each))) })));
  const free = rest.map((text) => t("filter.term", { name: t("filter.text"), values: visibleLine(text) }));
  return [...said, ...free].join(" · ") || t("filter.all");
}

function nameOf(name) {
  if (name.startsWith("label.")) return visibleLine(name.slice("label.".length));
  return t(has(`fact.${name}`) ? `fact.${name}` : `filter.${name}`);
}

function valueWords(name, value) {
  if (name === "held") return t(value === "true" ? "yes" : "no");
  return visibleLine(NAMED[name] ? word(NAMED[name], value) : value);
}

function momentWords(text) {
  const age = /^-([\d.]+)(ms|s|m|min|h|d)$/.exec(text);
  if (age) return t("time.ago", { duration: t(`unit.${age[2] === "m" ? "min" : age[2]}`, { value: age[1] }) });
  return Number.isNaN(Date.parse(text)) || /^\d+$/.test(text) ? text : exact(Date.parse(text));
}
