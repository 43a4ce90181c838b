// What somebody chose for this browser: language, theme, columns, views. Kept where storage is allowed.

/** Keep a choice; null forgets it. */
export function keepChoice(name, value) {
  try {
    if (value === null) localStorage.removeItem(`okydrom.${name}`);
    else localStorage.setItem(`okydrom.${name}`, value);
  } catch {
    // storage is forbidden: the choice lasts as long as the page
  }
}

/** A choice that was kept, or null. */
export function choice(name) {
  try {
    return localStorage.getItem(`okydrom.${name}`);
  } catch {
    return null;
  }
}

/** A list that was kept as JSON; empty if there is none, or none that can be read. */
export function keptList(name) {
  try {
    return [JSON.parse(choice(name)) ?? []].flat();
  } catch {
    return [];
  }
}

const THEMES = ["system", "light", "dark"];

/** The theme in use. */
export function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

/** Take the next theme. */
export function nextTheme() {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  keepChoice("theme", next === "system" ? null : next);
}
