// Going through the rows of whatever list a screen has.

/** The row that has the focus, or null. */
export function rowAt() {
  return document.activeElement.closest("main tbody tr[data-key]");
}

/** The link that opens a row; undefined if it has none that is seen. */
export function linkOf(row) {
  return [...row.querySelectorAll("a")].find((link) => link.getClientRects().length > 0);
}

/** Give the focus to the row so many below the one that has it, or to the first; was there any? */
export function step(by) {
  const all = [...document.querySelectorAll("main tbody tr[data-key]")].filter(linkOf);
  const at = all.indexOf(rowAt());
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (next) linkOf(next).focus();
  return Boolean(next);
}
