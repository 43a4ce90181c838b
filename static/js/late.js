// Code and words that few visits need: loaded when they are asked for.
import { loadChapter, t } from "./message.js";
import { toast } from "./toast.js";

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
