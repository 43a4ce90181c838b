// What is said to people, in their language. A message is a text or {one, few, many, other} by Intl.PluralRules;
// {name} in it is a place for a parameter. Numbers are written the way of the language.

let current = { lang: globalThis.document?.documentElement.lang ?? "en", dictionary: {}, plural: null, number: null };
const chapters = new Set(); // names of those that were asked for
const early = {}; // words of chapters that came before the dictionary of their language

/** Take a dictionary into use. */
export function use(lang, dictionary) {
  current = {
    lang,
    dictionary: { ...early[lang], ...dictionary },
    plural: new Intl.PluralRules(lang),
    number: new Intl.NumberFormat(lang),
  };
}

/** Load the dictionary of a language, with the chapters that were asked for, and take it into use. */
export async function load(lang) {
  const paths = [`./${lang}.js`, ...[...chapters].map((name) => `./${lang}/${name}.js`)];
  const found = await Promise.all(paths.map((path) => import(path)));
  use(lang, Object.assign({}, ...found.map(({ default: words }) => words)));
}

/** Add a chapter to the dictionary: the words that one screen alone needs. */
export async function loadChapter(name) {
  chapters.add(name);
  const { lang } = current;
  const { default: words } = await import(`./${lang}/${name}.js`);
  if (lang !== current.lang) return; // `load` has brought the other language's
  if (current.plural === null) Object.assign(early[lang] ??= {}, words);
  else Object.assign(current.dictionary, words);
}

/** The language in use. */
export function language() {
  return current.lang;
}

/** Is there such a message? Codes of the server may be newer than this page. */
export function has(key) {
  return Object.hasOwn(current.dictionary, key);
}

/** A message as text. `count` chooses the plural form. */
export function t(key, params = {}) {
  return parts(key, params).join("");
}

/** A message as a list of texts and parameters in their order, so that a parameter can be an element. */
export function parts(key, params = {}) {
  const template = form(current.dictionary[key], params.count) ?? missing(key);
  return template.split(/\{(\w+)\}/).map((piece, index) => (index % 2 ? shown(params[piece]) : piece));
}

/** The word for a code of the server: the message `group.code`, or the code itself if there is none. */
export function word(group, code, params) {
  const key = `${group}.${code}`;
  return has(key) ? t(key, params) : String(code);
}

function form(message, count) {
  if (message === undefined || typeof message === "string") return message;
  return message[current.plural.select(count ?? 0)] ?? message.other;
}

function missing(key) {
  console.error("no words", key);
  return key;
}

function shown(value) {
  return typeof value === "number" ? current.number.format(value) : (value ?? "");
}
