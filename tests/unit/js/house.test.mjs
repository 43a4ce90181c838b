// The page as it is built: what its modules may do, where texts stand, how large it is. Each rule has a case that
// breaks it: a check that can't fail shows nothing.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const STATIC = new URL("../../../static/", import.meta.url);
const read = (name) => readFileSync(new URL(name, STATIC), "utf8");
const names = (folder, end) => readdirSync(new URL(folder, STATIC), { recursive: true })
  .filter((name) => name.endsWith(end)).map((name) => `${folder}${name}`);

const MODULES = names("js/", ".js");
const STYLES = names("css/", ".css");
const DICTIONARIES = MODULES.filter((name) => /^js\/(ru|en)[./]/.test(name));
// Style sheets that come with a screen.
const STYLES_OF = Object.fromEntries([.../const STYLES = \{([^}]*)\}/.exec(read("js/screens.js"))[1]
  .matchAll(/(\w+): "(\w+)"/g)].map(([, screen, name]) => [`js/screens/${screen}.js`, `css/${name}.css`]));
const NAMES_OF_A_PROTOCOL = ["js/phrases.js"];
const MAKES_ELEMENTS = "js/dom.js";

const FORBIDDEN = [
  /\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTML|setHTMLUnsafe|parseFromString)\b/,
  /\bdocument\.write/,
  /\beval\s*\(|\bnew Function\b|\bsetTimeout\s*\(\s*["'`]|\bsetInterval\s*\(\s*["'`]/,
  /\.style\b|["']style["']|\bstyle:(?! "percent")/, // Intl knows a style too
  /\bon[a-z]+\s*=\s*["'`]|["']on[a-z]+["']/,
  /javascript:/,
  /\brandomUUID\b/, // is there over HTTPS alone
];

function forbidden(text) {
  const code = withoutComments(text);
  return FORBIDDEN.filter((rule) => rule.test(code)).map(String);
}

function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

// Texts for people: strings with Cyrillic letters, or with two words of letters between spaces.
function texts(code) {
  const strings = withoutComments(code).match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return strings.filter((string) => /[А-Яа-яЁё]/.test(string) || /[A-Z][a-z]+ [a-z]+/.test(string));
}

test("no module makes markup of text, or runs text", () => {
  for (const name of MODULES) assert.deepEqual(forbidden(read(name)), [], name);
});

test("a forbidden way is found", () => {
  for (const text of ["a.innerHTML = b", "eval (x)", 'el("p", { style: "color:red" })', 'a.setAttribute("onclick", b)',
    "setTimeout('x()', 1)", "crypto.randomUUID()", "node.style.width = 1"]) {
    assert.equal(forbidden(text).length > 0, true, text);
  }
  assert.deepEqual(forbidden("// innerHTML\nconst onward = { on: { click } };"), []);
});

test("only one module makes elements", () => {
  for (const name of MODULES) {
    const makes = /\bcreateElement(?:NS)?\b|\bcreateTextNode\b/.test(read(name));
    assert.equal(makes, name === MAKES_ELEMENTS, name);
  }
});

test("what people read stands in the dictionaries", () => {
  const others = MODULES.filter((name) => ![...DICTIONARIES, ...NAMES_OF_A_PROTOCOL].includes(name));
  for (const name of others) assert.deepEqual(texts(read(name)), [], name);
});

test("a text outside the dictionaries is found", () => {
  assert.equal(texts('el("p", {}, "Nothing was found")').length, 1);
  assert.equal(texts('el("p", {}, "Нет")').length, 1);
  assert.deepEqual(texts('el("p", { class: "card soft" }, t("nav.tasks")) // Nothing was found'), []);
});

test("screens never import each other", () => {
  for (const name of MODULES.filter((each) => each.startsWith("js/screens/"))) {
    assert.doesNotMatch(read(name), /from "\.\/|from "\.\.\/screens/, name);
  }
});

test("modules import what is there, by relative paths", () => {
  for (const name of MODULES) {
    for (const [, target] of read(name).matchAll(/\bfrom "([^"]+)"/g)) assert.match(target, /^\.{1,2}\//, name);
    for (const path of importsOf(name)) assert.ok(MODULES.includes(path), `${name} imports ${path}`);
  }
});

test("no modules import each other", () => {
  assert.deepEqual(MODULES.filter((name) => reaches(name, name, new Set())), []);
});

function importsOf(name, way = /\b(?:from |import\()"([^"]+)"/g) {
  return [...read(name).matchAll(way)]
    .map(([, target]) => new URL(target, new URL(name, STATIC)).href.slice(STATIC.href.length));
}

function reaches(from, wanted, seen) {
  return importsOf(from).some((target) => target === wanted
    || (!seen.has(target) && reaches(target, wanted, seen.add(target))));
}

test("every module and style sheet belongs to the page", () => {
  const page = read("index.html");
  const opened = Object.values(STYLES_OF);
  for (const name of STYLES) assert.ok(page.includes(`{{assets}}/${name}"`) || opened.includes(name), name);
  const imported = new Set(["js/main.js", "js/theme.js", ...DICTIONARIES]);
  for (const name of MODULES) {
    for (const target of importsOf(name)) imported.add(target);
  }
  assert.deepEqual(MODULES.filter((name) => !imported.has(name)), []);
});

test("icons that are asked for exist", () => {
  const drawn = new Set([...read("icons.svg").matchAll(/id="i-([a-z]+)"/g)].map(([, name]) => name));
  for (const name of MODULES) {
    for (const [, icon] of read(name).matchAll(/\bicon\("([a-z]+)"/g)) assert.ok(drawn.has(icon), `${name}: ${icon}`);
  }
});

test("the document runs and styles nothing of its own, and asks nobody else", () => {
  const page = read("index.html");
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/);
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) assert.match(address, /^\{\{assets\}\}\//);
  for (const name of [...MODULES, ...STYLES]) {
    assert.doesNotMatch(read(name), /\burl\(["']?(?:https?:)?\/\/|@import|\bfrom "https?:/, name);
  }
});

test("colours come from the tokens alone", () => {
  for (const name of STYLES.filter((each) => each !== "css/tokens.css")) {
    assert.doesNotMatch(read(name), /#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/i, name);
  }
});

test("files stay short enough to be held in mind", () => {
  const long = MODULES.filter((name) => !DICTIONARIES.includes(name) && read(name).split("\n").length > 200);
  assert.deepEqual(long, []);
  for (const name of [...MODULES, ...STYLES]) {
    const wide = read(name).split("\n").filter((line) => line.length > 120);
    assert.deepEqual(wide, [], name);
  }
});

// What a visit to a screen loads: the frame, that screen alone, one language. What is imported by a call is loaded
// when it is asked for.
function loadedFor(screen) {
  const loaded = new Set(["js/theme.js", "js/ru.js"]);
  const add = (name) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    importsOf(name, /\bfrom "([^"]+)"/g).forEach(add);
  };
  ["js/main.js", screen].forEach(add);
  const words = new RegExp(`CHAPTERS = [^;]*\\b${screen.match(/(\w+)\.js$/)[1]}: "(\\w+)"`).exec(read("js/screens.js"));
  if (words) loaded.add(`js/ru/${words[1]}.js`);
  const others = Object.values(STYLES_OF).filter((name) => name !== STYLES_OF[screen]);
  return [...loaded, ...STYLES.filter((name) => !others.includes(name))].map(read).join("");
}

test("a visit to any screen keeps the budget: 240 KB, 70 KB zipped together", () => {
  for (const screen of MODULES.filter((name) => name.startsWith("js/screens/"))) {
    const loaded = loadedFor(screen);
    const size = Buffer.byteLength(loaded);
    const zipped = gzipSync(loaded).length;
    assert.ok(size <= 240_000, `${screen}: ${size} bytes`);
    assert.ok(zipped <= 70_000, `${screen}: ${zipped} bytes zipped`);
  }
});

test("only the code of the screen that is opened is loaded", () => {
  for (const name of MODULES) assert.doesNotMatch(read(name), /\bfrom "(?:\.\/|\.\.\/)?screens\//, name);
});
