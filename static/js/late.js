// Code and words that few visits need: loaded when they are asked for.
import { loadChapter, t } from "./message.js";
import { toast } from "./toast.js";

let opening = null; // the path of the screen on which a dialog is on its way

/** What `load` imports, with a chapter of words if it needs one; null if it can't be had, which is said. */
export async function bring(load, chapter = null) {
  try {
    const [code] = await Promise.all([load(), chapter && loadChapter(chapter)]);
    return code;
  } catch {
    toast(t("error.part"), "warning");
    return null;
  }
}

/**
 * Bring what shows a dialog, then have `open(code, free)` show it: one at a time, not over another dialog, and only on
 * the screen where it was asked for; `free()` says whether there is room for it.
 */
export async function bringDialog(load, chapter, open) {
  const path = location.pathname;
  const free = () => location.pathname === path && !document.querySelector("dialog[open]");
  if (opening === path || !free()) return;
  opening = path;
  try {
    const code = await bring(load, chapter);
    if (code && free()) await open(code, free);
  } finally {
    if (opening === path) opening = null;
  }
}
