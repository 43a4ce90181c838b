// The frame around every screen: side bar, top bar, bottom bar of narrow screens. Functions of the page's state:
// {route, title, heading, extra, session, counts, live}, and of what can be done: {toggleLive, chooseLanguage,
// chooseZone, redraw, signIn, signOut, help, jump}.
import { nextTheme, theme } from "./choice.js";
import { openDialog } from "./dialog.js";
import { el, patch } from "./dom.js";
import { clock, compact, inUtc } from "./format.js";
import { icon, mark } from "./icon.js";
import { menu as menuAt, menuButton } from "./menu.js";
import { language, t } from "./message.js";
import { href } from "./router.js";
import { mayCreate, uptime, whoWords } from "./session.js";
import { glyph, GROUPS } from "./status.js";
import { toast } from "./toast.js";

const THEME_ICONS = { system: "computer", light: "sun", dark: "moon" };
const OTHER_LANGUAGE = { ru: "en", en: "ru" };
const REFERENCE = ["methods", "statuses", "parameters", "system"];

/** The side bar. */
export function sideBar(state, doings) {
  const brand = el("a", { class: "brand", href: href("overview") }, mark(), t("product"));
  return [brand, menu(state), el("div", { class: "nav-foot" }, instance(state), tools(state, doings))];
}

/** The top bar. */
export function topBar(state, doings) {
  return [state.heading, el("div", { class: "bar-end" }, state.extra, jumpButton(doings), livePill(state, doings),
    createButton())];
}

function jumpButton({ jump }) {
  return el("button", { class: "jump", type: "button", "aria-label": t("jump.label"), "aria-haspopup": "dialog",
    "aria-keyshortcuts": "Control+K", key: "jump", on: { click: jump } }, icon("search"),
  el("span", {}, t("jump.label")), el("kbd", {}, "Ctrl K"));
}

function createButton() {
  const content = [icon("plus"), t("nav.new_task")];
  if (mayCreate()) return el("a", { class: "btn btn-primary", href: href("composer") }, content);
  const refused = t("refused.role");
  return el("button", { class: "btn btn-primary", type: "button", "aria-disabled": "true", title: refused,
    on: { click: () => toast(refused, "info") } }, content);
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
  const content = () => [menu(state), instance(state), tools(state, { ...doings, redraw }, "sheet")];
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

function tools({ session }, doings, place = "nav") {
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

/** The state of the updates in words. */
export function liveWords({ state, since }) {
  if (state !== "stale") return t(`live.${state}`);
  return since ? t("live.stale", { time: clock(since) }) : t("live.none");
}

const DOTS = { live: "dot", polling: "dot", paused: "dot dot-paused" };

function livePill({ live }, { toggleLive }) {
  const time = live.since && clock(live.since);
  const label = live.paused ? t("live.resume") : t("live.pause");
  return el("div", { class: "live", title: time && t("live.data_of", { time }) },
    el("span", { class: DOTS[live.state] ?? "dot dot-stale" }),
    el("span", { class: "live-text" }, liveWords(live)),
    el("button", { class: "btn btn-quiet btn-sm btn-icon btn-round", type: "button", "aria-label": label, title: label,
      on: { click: toggleLive } }, icon(live.paused ? "play" : "pause", "sm")));
}
