// The side bar: where one can go, which service this is, how the page is shown, who looks. Its parts also make up the
// sheet of narrow screens. Functions of the page's state {route, session, counts}, and of what can be done:
// {chooseLanguage, chooseZone, redraw, signIn, signOut, help}.
import { nextTheme, theme } from "./choice.js";
import { el } from "./dom.js";
import { compact, inUtc } from "./format.js";
import { icon, mark } from "./icon.js";
import { menu as menuAt, menuButton } from "./menu.js";
import { language, t } from "./message.js";
import { here, REFERENCE } from "./places.js";
import { href } from "./router.js";
import { uptime, whoWords } from "./session.js";
import { glyph, GROUPS } from "./status.js";

const THEME_ICONS = { system: "computer", light: "sun", dark: "moon" };
const OTHER_LANGUAGE = { ru: "en", en: "ru" };

/** The side bar. */
export function sideBar(state, doings) {
  const brand = el("a", { class: "brand", href: href("overview") }, mark(), t("product"));
  return [brand, menu(state), el("div", { class: "nav-foot" }, instance(state), tools(state, doings))];
}

/** Where one can go: overview, tasks with their groups, and so on. */
export function menu(state) {
  const item = (name, sign = name) => el("li", {}, navLink(state, name, icon(sign), t(`nav.${name}`)));
  const groups = el("ul", { class: "nav-sub" }, GROUPS.map((group) => el("li", {}, groupLink(state, group))));
  return [
    el("ul", { class: "nav-list" }, item("overview"), item("tasks"), el("li", {}, groups), item("destinations"),
      item("bulk")),
    el("div", { class: "nav-title", id: "nav-reference" }, t("nav.reference")),
    el("ul", { class: "nav-list", "aria-labelledby": "nav-reference" }, REFERENCE.map((name) => item(name))),
  ];
}

function navLink(state, name, ...children) {
  return el("a", { class: "nav-link", href: href(name), "aria-current": here(state, name) }, children);
}

function groupLink({ counts }, group) {
  const alarm = group === "failed" && counts?.[group] > 0 ? "count alarm" : "count";
  return el("a", { class: "nav-link", href: href("tasks", {}, { group }) }, glyph(group, "sm"), t(`groups.${group}`),
    counts && el("span", { class: alarm }, compact(counts[group])));
}

/** Which service this is. */
export function instance({ session }) {
  if (!session) return el("div", { class: "instance" });
  const name = session.instance.length > 24 ? session.instance.slice(0, 8) : session.instance;
  return el("div", { class: "instance", title: session.instance }, el("b", {}, `${name} · ${session.version}`),
    el("span", {}, uptime(session)));
}

/** Language, theme, and who it is; `place` tells the menus of two such rows apart. */
export function tools({ session }, doings, place = "nav") {
  const next = OTHER_LANGUAGE[language()];
  const paint = () => {
    nextTheme();
    doings.redraw();
  };
  const other = t("language.label");
  const look = t("theme.label", { theme: t(`theme.${theme()}`) });
  return el("div", { class: "nav-tools" },
    el("button", { class: "btn btn-quiet btn-sm", type: "button", "data-closes": true, title: other,
      on: { click: () => doings.chooseLanguage(next) } }, icon("globe"), language().toUpperCase(),
    el("span", { class: "hidden" }, " ", other)),
    el("button", { class: "btn btn-quiet btn-sm btn-icon", type: "button", "aria-label": look, title: look,
      on: { click: paint } }, icon(THEME_ICONS[theme()])),
    session && who(session, doings, place));
}

// Who it is; behind it what concerns him alone.
function who(session, doings, place) {
  const signed = session.role !== null;
  const items = () => [
    menuButton(t(inUtc() ? "zone.local" : "zone.utc"), () => doings.chooseZone(!inUtc()), { sign: "clock" }),
    menuButton(t("keys.title"), doings.help, { sign: "info" }),
    session.auth === "token" && (signed ? menuButton(t("signin.out"), doings.signOut, { sign: "user" })
      : menuButton(t("signin.button"), doings.signIn, { sign: "user" })),
  ];
  return el("span", { class: "who" }, menuAt({ key: `who ${place}`, sign: "user", kind: "btn btn-quiet btn-sm", items,
    text: el("span", { class: "cut" }, signed ? whoWords(session) : t("signin.button")), draw: doings.redraw }));
}
