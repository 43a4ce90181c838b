// Bounds as people write them (>-24h, 2026-11-24..2026-11-25, >=3) and the parameters they stand for. A day is all of
// it, in the reader's time; a time without a zone is the reader's too.
export const BOUNDED = {
  created: ["created_from", "created_to"],
  finished: ["finished_from", "finished_to"],
  due: [null, "due_before"],
  attempts: ["attempts_from", null],
};

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/i;
const AGE = /^-\d+(\.\d+)?(ms|s|m|min|h|d)$/;

/** The pairs of name and value that a word's value stands for; null if it can't be read. */
export function readBounds(word, text) {
  const [low, high] = sides(text);
  const read = word === "attempts" ? counted : timed;
  const pairs = [[low, ">", 0], [high, "<", 1]].filter(([side]) => side).map(([[operator, value], , place]) =>
    [BOUNDED[word][place], read(value, operator === ">" || operator === "<=" || (place === 1 && !operator))]);
  return pairs.length && pairs.every(([name, value]) => name && value) ? pairs : null;
}

/** The value that stands for the parameters {name: value} of a word, as short as it may be. */
export function writeBounds(word, pairs) {
  const [low, high] = BOUNDED[word].map((name) => pairs[name]);
  if (low === undefined) return `<${dayOf(high) ?? high}`;
  const first = dayOf(low);
  if (high === undefined) return word === "attempts" || first ? `>=${first ?? low}` : `>${low}`;
  const last = dayOf(high, -1);
  if (!first || !last || last < first) return `${low}..${high}`;
  return last === first ? first : `${first}..${last}`;
}

// The beginning of a day (as many days later as `later` says) as an instant; null if there is no such day.
function startOf(day, later = 0) {
  const [, year, month, date] = DAY.exec(day).map(Number);
  if (new Date(year, month - 1, date).getDate() !== date) return null;
  return new Date(year, month - 1, date + later).toISOString().replace(".000", "");
}

// The day that begins at an instant (as many days later as `later` says); null if none does.
function dayOf(text, later = 0) {
  const at = new Date(INSTANT.test(text) ? text : NaN);
  if (Number.isNaN(at.getTime()) || at.getTime() !== new Date(at).setHours(0, 0, 0, 0)) return null;
  at.setDate(at.getDate() + later);
  const two = (value) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

// [operator, text] of the lower and of the upper bound; a bound of a range has no operator.
function sides(text) {
  const [, operator, value] = /^(>=|<=|>|<)(.+)$/s.exec(text) ?? [];
  if (operator) return operator.startsWith(">") ? [[operator, value]] : [null, [operator, value]];
  if (DAY.test(text)) return [["", text], ["", text]];
  const at = text.indexOf("..");
  if (at < 0) return [];
  return [text.slice(0, at), text.slice(at + 2)].map((side) => side && ["", side]);
}

function timed(text, after) {
  if (DAY.test(text)) return startOf(text, after ? 1 : 0);
  if (LOCAL.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString().replace(".000", "");
  return AGE.test(text) || (INSTANT.test(text) && !Number.isNaN(Date.parse(text))) ? text : null;
}

function counted(text, after) {
  return /^\d{1,9}$/.test(text) ? String(Number(text) + (after ? 1 : 0)) : null;
}
