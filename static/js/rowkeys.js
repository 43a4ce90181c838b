// Going through the rows of a list by keys.
import { listen } from "./keys.js";

/**
 * Below `element`: j and k go to the next and the previous row, Enter opens it; `x`, `r`, `c`, `search` and `clear`
 * are functions, the first three of the id of the row that has the focus (or null).
 */
export function rowKeys(element, { x, r, c, search, clear }, signal) {
  const rows = () => [...element.querySelectorAll("tbody tr[data-key]")];
  const row = () => document.activeElement.closest("tbody tr[data-key]");
  const id = () => row()?.dataset.key ?? null;
  const links = (of) => [...of.querySelectorAll("a")].find((link) => link.getClientRects().length > 0);
  const step = (by) => () => {
    const all = rows();
    const at = all.indexOf(row());
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next) links(next).focus();
  };
  listen({
    Slash: search,
    KeyJ: step(1),
    KeyK: step(-1),
    KeyX: () => id() && x(id()),
    KeyR: () => r(id()),
    KeyC: () => c(id()),
    Escape: clear,
    Enter: ({ target }) => (id() && target.matches("input") ? links(row()).click() : false),
  }, signal);
}
