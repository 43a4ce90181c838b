// What does not change under somebody's hands: a row whose text is selected, whose menu is open or that has the focus,
// and everything behind an open dialog.
import { isOpen } from "./menu.js";

const FOCUS_HOLDS = 3_000; // ms: a focus that stays is no reason to show what is no longer so

/**
 * `rows(items)` gives the items to draw: for a row that is held, as it was drawn before. `freed` is called when such a
 * row may be drawn. `element` has the rows, by `data-key`.
 */
export function stillRows(element, freed, signal) {
  let drawn = new Map();
  let since = new Map(); // when a change of a row with the focus became known
  let timer = null;

  function holds(id) {
    if (document.querySelector("dialog[open]") || isOpen(id)) return true;
    const row = element.querySelector(`tr[data-key="${CSS.escape(id)}"]`);
    const selection = document.getSelection();
    if (row && selection.type === "Range" && selection.containsNode(row, true)) return true;
    if (!row?.contains(document.activeElement)) return false;
    if (!since.has(id)) since.set(id, performance.now());
    return performance.now() - since.get(id) < FOCUS_HOLDS;
  }

  function look() {
    timer = null;
    if (!signal.aborted) freed();
  }

  return {
    rows(items) {
      let held = false;
      const known = drawn;
      const shown = items.map((item) => {
        const before = known.get(item.id);
        const changed = before && JSON.stringify(before) !== JSON.stringify(item);
        if (!changed || !holds(item.id)) {
          since.delete(item.id);
          return item;
        }
        held = true;
        return before;
      });
      drawn = new Map(shown.map((item) => [item.id, item]));
      if (held) timer ??= setTimeout(look, 500);
      return shown;
    },
    /** Somebody has done something and wants to see it. */
    free() {
      drawn = new Map();
      since = new Map();
    },
  };
}
