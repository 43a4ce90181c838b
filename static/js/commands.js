// What the jump box offers: places, things to do, and what a text may mean. Pure: words come in, words go out.
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id that a text is, or null. */
export function idOf(text) {
  const id = text.trim().toLowerCase();
  return ID.test(id) ? id : null;
}

/** Commands [{words}] that a text asks for: each of its words begins one of theirs, whatever the case; best first. */
export function fitting(commands, text, lang) {
  const plain = (words) => words.toLocaleLowerCase(lang).normalize("NFD").replace(/\p{M}/gu, "");
  const fold = (words) => plain(words).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const wanted = fold(text);
  const place = ({ words }) => {
    const own = fold(words);
    const at = wanted.map((word) => own.findIndex((each) => each.startsWith(word)));
    return at.includes(-1) ? -1 : Math.max(0, ...at);
  };
  const found = commands.map((command) => ({ command, at: place(command) })).filter(({ at }) => at >= 0);
  return found.sort((one, other) => one.at - other.at).map(({ command }) => command);
}
