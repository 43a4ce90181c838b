// Copying, over plain HTTP too, where browsers offer no clipboard.
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { toast } from "./toast.js";

/** A button that copies a text and says so. */
export function copyButton(text) {
  return el("button", { class: "btn btn-sm", type: "button", on: { click: () => copyAndSay(text) } },
    icon("copy", "sm"), t("copy.button"));
}

/** The same as an icon alone, with a label of its own. */
export function copyIcon(text, label) {
  return el("button", { class: "btn btn-quiet btn-sm btn-icon", type: "button", "aria-label": label, title: label,
    on: { click: () => copyAndSay(text) } }, icon("copy", "sm"));
}

/** Copy a text and say whether it worked. */
export async function copyAndSay(text) {
  const copied = await copy(text);
  toast(t(copied ? "copy.done" : "copy.failed"), copied ? "check" : "warning");
}

async function copy(text) {
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
