// What an action on many tasks needs to know beside which: the beginning of the URL, and its new one; how fast.
import { visibleLine } from "./bytes.js";
import { faultsUnder } from "./draft.js";
import { el } from "./dom.js";
import { field, input } from "./fields.js";
import { t } from "./message.js";

const FIELDS = { edit: ["from", "to"], resend: ["rate"] };
const PLACES = { from: "rebase", to: "rebase", rate: "rate" };

/** What stands in the fields of an action at first; `url` is that of one of its tasks. null: it has no fields. */
export function firstOf(action, url) {
  if (!FIELDS[action]) return null;
  const [origin = ""] = /^https?:\/\/[^/?]+/.exec(url ?? "") ?? [];
  return { from: origin, to: "", rate: "" };
}

/** The part of the request that the fields make. */
export function requestOf(action, given) {
  if (action === "edit") return { rebase: { from: given.from.trim(), to: given.to.trim() } };
  if (action !== "resend" || !given.rate.trim()) return {};
  const rate = given.rate.trim().replace(",", ".");
  return { rate: Number.isFinite(Number(rate)) ? Number(rate) : rate };
}

/** Is there enough in the fields to plan with? */
export function isFilled(action, given) {
  return action !== "edit" || Boolean(given.from.trim() && given.to.trim());
}

/** The fields; `faults` are those of the server, `set(part)` changes what is given. */
export function planFields(action, given, faults, set) {
  return el("div", { class: "form", key: "fields" }, FIELDS[action].map((name) => field({
    name: `plan-${name}`, label: t(`plan.${name}`), help: t(`plan.${name}_help`),
    faults: name === "from" ? [] : faultsUnder(faults, PLACES[name]),
    control: (attributes) => input({ ...attributes, class: name === "rate" ? "" : "mono",
      inputmode: name === "rate" ? "decimal" : "url" }, given[name], (text) => set({ [name]: text })),
  })));
}

/** A URL as an edit would leave it; null where it begins otherwise. */
export function rebased(url, { from, to }) {
  const [start, end] = [from.trim(), to.trim()];
  if (!start || !url.startsWith(start)) return null;
  const rest = url.slice(start.length);
  return !rest || /^[/?]/.test(rest) || /[/?=&]$/.test(start) ? end + rest : null;
}

/** What becomes of the URL of a sample, in words. */
export function becomes(url, given) {
  const after = rebased(url, given);
  return after === null ? t("plan.not_rebased") : `→ ${visibleLine(after)}`;
}
