// What differs between two texts, by their lines.

const LARGEST = 400; // lines on either side that are compared one with another

/** Lines of both, in order: [{kind: "same" | "gone" | "new", text}]. */
export function linesOf(before, after) {
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < Math.min(old.length, fresh.length) && old[head] === fresh[head]) head += 1;
  let tail = 0;
  const most = Math.min(old.length, fresh.length) - head;
  while (tail < most && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const same = (lines) => lines.map((text) => ({ kind: "same", text }));
  const middle = compared(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail));
  return [...same(old.slice(0, head)), ...middle, ...same(tail ? old.slice(-tail) : [])];
}

/** The lines around what differs: runs of the same but for `around` of them become one {kind: "fold", count}. */
export function near(lines, around = 2) {
  const shown = new Set();
  lines.forEach(({ kind }, at) => {
    if (kind === "same") return;
    for (let next = at - around; next <= at + around; next += 1) shown.add(next);
  });
  const kept = [];
  lines.forEach((line, at) => {
    if (shown.has(at)) kept.push(line);
    else if (kept.at(-1)?.kind === "fold") kept.at(-1).count += 1;
    else kept.push({ kind: "fold", count: 1 });
  });
  return kept;
}

// The longest common run of lines, the classic way; of very long texts all of one, then all of the other.
function compared(old, fresh) {
  if (old.length > LARGEST || fresh.length > LARGEST) return [...marked("gone", old), ...marked("new", fresh)];
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      common[i][j] = old[i] === fresh[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < fresh.length) {
    if (old[i] === fresh[j]) {
      lines.push({ kind: "same", text: old[i] });
      i += 1;
      j += 1;
    } else if (common[i + 1][j] >= common[i][j + 1]) lines.push({ kind: "gone", text: old[i++] });
    else lines.push({ kind: "new", text: fresh[j++] });
  }
  return [...lines, ...marked("gone", old.slice(i)), ...marked("new", fresh.slice(j))];
}

function marked(kind, lines) {
  return lines.map((text) => ({ kind, text }));
}
