// What may have been meant by a mistyped word.

/** The word of a list that is most like `text`, or null if none is much like it. */
export function nearest(text, list) {
  const typed = text.toLowerCase().slice(0, 64);
  const likeness = (word) => 1 - distance(typed, word.toLowerCase()) / Math.max(typed.length, word.length);
  const [best] = list.map((word) => [likeness(word), word]).sort(([one], [other]) => other - one);
  return best && best[0] >= 0.5 ? best[1] : null;
}

// How many letters have to be changed, added or left out (Levenshtein).
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[other.length];
}
