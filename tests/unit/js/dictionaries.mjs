// The dictionaries as tests look at them: each language whole, and by chapters.
import { readdirSync } from "node:fs";

const JS = new URL("../../../static/js/", import.meta.url);

async function chaptersOf(lang) {
  const names = readdirSync(new URL(`${lang}/`, JS)).sort();
  const paths = [`${lang}.js`, ...names.map((name) => `${lang}/${name}`)];
  const found = await Promise.all(paths.map((path) => import(new URL(path, JS))));
  return Object.fromEntries(found.map(({ default: words }, index) => [paths[index].slice(lang.length), words]));
}

/** By language, then by file: /task.js. */
export const CHAPTERS = { ru: await chaptersOf("ru"), en: await chaptersOf("en") };
export const ru = Object.assign({}, ...Object.values(CHAPTERS.ru));
export const en = Object.assign({}, ...Object.values(CHAPTERS.en));
