// JSON in colours, as nodes.
import { visible } from "./bytes.js";
import { el } from "./dom.js";
import { pretty } from "./payload.js";

const CLASSES = { key: "k", string: "s", number: "n", word: "n", mark: "p" };

/** A text laid out and coloured if it is JSON, else as it is; what can't be seen is written as escapes. */
export function jsonText(text, cut = false) {
  const pieces = pretty(text, cut);
  if (!pieces?.length) return visible(text);
  return pieces.map(({ kind, text: piece }) => (CLASSES[kind]
    ? el("span", { class: CLASSES[kind] }, visible(piece)) : piece));
}
