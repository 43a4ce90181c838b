// The frame around every screen: side bar, top bar, bottom bar of narrow screens. Functions of the page's state:
// {route, title, heading, extra, session, counts, live}, and of what can be done: {toggleLive, chooseLanguage, redraw}.
import { keepChoice, nextTheme, theme } from "./choice.js";
import { openDialog } from "./dialog.js";
import { el, patch } from "./dom.js";
import { clock, compact } from "./format.js";
import { icon, mark } from "./icon.js";
import { language, t } from "./message.js";
import { href } from "./router.js";
import { uptime } from "./session.js";
import { glyph, GROUPS } from "./status.js";

const THEME_ICONS = { system: "system", light: "sun", dark: "moon" };
const OTHER_LANGUAGE = { ru: "en", en: "ru" };
const REFERENCE = ["methods", "statuses", "parameters"];

/** The side bar. */
export function sideBar(state, doings) {
  const brand = el("a", { class: "brand", href: href("overview") }, mark(), t("product"));
  return [brand, menu(state), el("div", { class: "nav-foot" }, instance(state), tools(state, doings))];
}

/** The top bar. */
export function topBar(state, doings) {
  const create = el("a", { class: "btn btn-primary", href: href("composer") }, icon("plus"), t("nav.new_task"));
  return [state.heading, el("div", { class: "bar-end" }, state.extra, livePill(state, doings), create)];
}

/** The bottom bar of narrow screens. */
export function bottomBar(state, doings) {
  const link = (name, sign, text) => el("a", { href: href(name), "aria-current": here(state, name) }, icon(sign), text);
  const current = [...REFERENCE, "bulk", "operation"].includes(state.route.name) ? "page" : null;
  return [
    link("overview", "overview", t("nav.overview")),
    link("tasks", "tasks", t("nav.tasks")),
    link("composer", "plus", t("nav.create")),
    link("destinations", "destinations", t("nav.destinations")),
    el("button", { type: "button", "aria-current": current, "aria-haspopup": "dialog",
      on: { click: () => openMore(state, doings) } }, icon("menu"), t("nav.more")),
  ];
}

// Everything of the side bar, for screens that have no room for it. Any choice in it closes it.
function openMore(state, doings) {
  const content = () => [menu(state), instance(state), tools(state, { ...doings, redraw })];
  const body = el("div", { class: "sheet-body" }, content());
  const dialog = openDialog({ class: "dialog sheet", "aria-label": t("nav.label") }, body);
  function redraw() {
    doings.redraw();
    patch(body, content());
  }
  dialog.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("a, [data-closes]")) dialog.close();
  });
}

function menu(state) {
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

function here({ route }, name) {
  const shown = { task: "tasks", operation: "bulk" }[route.name] ?? route.name;
  return shown === name ? "page" : null;
}

function instance({ session }) {
  if (!session) return el("div", { class: "instance" });
  const name = session.instance.length > 24 ? session.instance.slice(0, 8) : session.instance;
  return el("div", { class: "instance", title: session.instance }, el("b", {}, `${name} · ${session.version}`),
    el("span", {}, uptime(session)));
}

function tools({ session }, { chooseLanguage, redraw }) {
  const next = OTHER_LANGUAGE[language()];
  const speak = () => {
    keepChoice("lang", next);
    chooseLanguage(next);
  };
  const paint = () => {
    nextTheme();
    redraw();
  };
  const other = t("language.label");
  const look = t("theme.label", { theme: t(`theme.${theme()}`) });
  return el("div", { class: "nav-tools" },
    el("button", { class: "btn btn-quiet btn-sm", type: "button", "data-closes": true, title: other,
      on: { click: speak } }, icon("globe"), language().toUpperCase(), el("span", { class: "hidden" }, " ", other)),
    el("button", { class: "btn btn-quiet btn-sm btn-icon", type: "button", "aria-label": look, title: look,
      on: { click: paint } }, icon(THEME_ICONS[theme()])),
    session && el("span", { class: "who" }, icon("user", "sm"), el("span", { class: "cut" }, who(session))));
}

function who({ auth, name, role }) {
  return auth === "none" ? t(`role.${role}`) : `${name} · ${t(`role.${role}`)}`;
}

function livePill({ live }, { toggleLive }) {
  const state = live.paused ? "paused" : live.stale ? "stale" : "on";
  const time = live.since && clock(live.since);
  const words = state === "stale" && !time ? t("live.none") : t(`live.${state}`, { time });
  const label = live.paused ? t("live.resume") : t("live.pause");
  return el("div", { class: "live", title: time && t("live.data_of", { time }) },
    el("span", { class: state === "on" ? "dot" : `dot dot-${state}` }),
    el("span", { class: "live-text" }, words),
    el("button", { class: "btn btn-quiet btn-sm btn-icon btn-round", type: "button", "aria-label": label, title: label,
      on: { click: toggleLive } }, icon(live.paused ? "play" : "pause", "sm")));
}
