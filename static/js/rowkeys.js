// What is done to the rows of a list by keys.
import { listen } from "./keys.js";
import { linkOf, rowAt } from "./rows.js";

/**
 * Below `element`: `x`, `r`, `c`, `search` and `clear` are functions, the first three of the id of the row that has
 * the focus (or null); Enter opens that row from its box too.
 */
export function rowKeys(element, { x, r, c, search, clear }, signal) {
  const row = () => (element.contains(document.activeElement) ? rowAt() : null);
  const id = () => row()?.dataset.key ?? null;
  listen({
    Slash: search,
    KeyX: () => id() && x(id()),
    KeyR: () => r(id()),
    KeyC: () => c(id()),
    Escape: clear,
    Enter: ({ target }) => (id() && target.matches("input") ? linkOf(row()).click() : false),
  }, signal);
}
