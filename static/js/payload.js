// JSON by its characters. Nothing is parsed into values and written again: every number, string and escape stays as
// it was posted, so 9223372036854775809 and 1.0 are shown, and sent, as they are.

const TOKENS = new RegExp(
  [
    String.raw`(?<space>[ \t\n\r]+)`,
    String.raw`(?<string>"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*")`,
    String.raw`(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)`,
    String.raw`(?<word>true|false|null)`,
    String.raw`(?<mark>[[\]{}:,])`,
  ].join("|"),
  "y",
);
const INDENT = "  ";
const CLOSES = { "{": "}", "[": "]" };

/** What is wrong with a JSON text: {code, line, column} of the first fault, or null. */
export function faultOf(text) {
  const { fault } = read(text);
  if (!fault) return null;
  const before = text.slice(0, fault.at).split("\n");
  return { code: fault.code, line: before.length, column: before.at(-1).length + 1 };
}

/**
 * A JSON text laid out over lines, as [{kind, text}] with the kinds key, string, number, word, mark and space; null
 * if it is no JSON. Of the first part of a longer text (`cut`) the readable tokens are laid out.
 */
export function pretty(text, cut = false) {
  const { tokens, fault } = read(text);
  return fault && !cut ? null : layOut(tokens);
}

/** The members of a JSON object as a Map of name → text as it is written (the last of a name); null if it is none. */
export function membersOf(text) {
  const members = listOf(text);
  return members && new Map(members);
}

/** The first name that a JSON object gives twice, as {code, name}, or null. */
export function nameTwice(text) {
  const known = new Set();
  const again = listOf(text).find(([name]) => known.size === known.add(name).size);
  return again ? { code: "name_twice", name: again[0] } : null;
}

function listOf(text) {
  const { tokens, fault } = read(text);
  if (fault || tokens[0].text !== "{") return null;
  const members = [];
  let depth = 0;
  let begun = null; // the member that is being read: its name, and where its value begins
  tokens.forEach((token, index) => {
    const mark = token.kind === "mark" ? token.text : "";
    if (depth === 1 && token.kind === "key") begun = [JSON.parse(token.text), tokens[index + 2].at];
    if (CLOSES[mark]) depth += 1;
    if (mark === "}" || mark === "]") depth -= 1;
    if (!begun || depth > 1 || (depth === 1 && mark !== ",")) return;
    const { at, text: last } = tokens[index - 1];
    members.push([begun[0], text.slice(begun[1], at + last.length)]);
    begun = null;
  });
  return members;
}

/** Do two JSON texts say the same? Numbers are the same if they are written the same. */
export function isSame(one, other) {
  const plain = (text) => read(text).tokens.map(({ kind, text: piece }) => (kind === "key" || kind === "string"
    ? JSON.stringify(JSON.parse(piece)) : piece)).join("");
  return plain(one) === plain(other);
}

// The tokens up to the first fault, spaces left out; object keys are told from other strings.
function read(text) {
  const tokens = [];
  const open = [];
  let expected = "value";
  let at = 0;
  while (at < text.length) {
    TOKENS.lastIndex = at;
    const found = TOKENS.exec(text);
    if (!found) return { tokens, fault: { code: "unexpected", at } };
    const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
    if (kind !== "space") {
      const token = { kind, text: found[0], at };
      expected = follow(expected, token, open);
      if (!expected) return { tokens, fault: { code: "unexpected", at } };
      tokens.push(token);
    }
    at = TOKENS.lastIndex;
  }
  return { tokens, fault: expected === "end" ? null : { code: "incomplete", at } };
}

// What may follow a token, or null if the token itself may not stand here. `open` holds the brackets around it.
function follow(expected, token, open) {
  const { kind, text } = token;
  if (expected === "end") return null;
  if (expected === "colon") return text === ":" ? "value" : null;
  if (expected === "key" || expected === "key or close") {
    if (kind === "string") {
      token.kind = "key";
      return "colon";
    }
    return expected === "key or close" ? closed(text, open) : null;
  }
  if (expected === "comma or close") {
    if (text === ",") return open.at(-1) === "{" ? "key" : "value";
    return closed(text, open);
  }
  if (text === "{" || text === "[") {
    open.push(text);
    return text === "{" ? "key or close" : "value or close";
  }
  if (kind !== "mark") return after(open);
  return expected === "value or close" ? closed(text, open) : null;
}

function closed(text, open) {
  if (CLOSES[open.at(-1)] !== text) return null;
  open.pop();
  return after(open);
}

function after(open) {
  return open.length ? "comma or close" : "end";
}

function layOut(tokens) {
  const pieces = [];
  let depth = 0;
  const newLine = () => pieces.push({ kind: "space", text: `\n${INDENT.repeat(depth)}` });
  tokens.forEach((token, index) => {
    const before = tokens[index - 1]?.text;
    const mark = token.kind === "mark" ? token.text : "";
    const closes = mark === "}" || mark === "]";
    if (closes) depth -= 1;
    if (closes && CLOSES[before] !== mark) newLine();
    pieces.push({ kind: token.kind, text: token.text });
    if (CLOSES[mark]) depth += 1;
    if (mark === "," || (CLOSES[mark] && tokens[index + 1]?.text !== CLOSES[mark])) newLine();
    if (mark === ":") pieces.push({ kind: "space", text: " " });
  });
  return pieces;
}
