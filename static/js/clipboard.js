// Copying, over plain HTTP too, where browsers offer no clipboard.
import { el } from "./dom.js";

/** Copy a text; returns whether that worked. */
export async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // refused: the old way may still work
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const area = el("textarea", { class: "hidden", readonly: true, "aria-hidden": "true", value: text });
  const place = focused?.closest("dialog") ?? document.body; // a dialog makes all else inert
  place.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return copied;
}
