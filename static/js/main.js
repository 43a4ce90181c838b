// The page: starts it, keeps the frame and the open screen up to date.
//
// A screen is made by `make(page)` and is {element, title(), load(), heading?(), extra?(), moved?(query, back),
// leave?()}: `load` asks for everything it shows and says whether all was answered; `moved` takes a new query without
// being made anew, and says whether that has to be asked for. `page.kept` and `back` say that one comes back to it.
import { get, useApi, wasLeft } from "./api.js";
import { el, patch, swap } from "./dom.js";
import { createLive } from "./live.js";
import { watchMenus } from "./menu.js";
import { load, t } from "./message.js";
import { now, tick } from "./moment.js";
import { lookForBulks, progressBar } from "./progress.js";
import { startRouter } from "./router.js";
import { screenOf } from "./screens.js";
import { loadSession } from "./session.js";
import { bottomBar, sideBar, topBar } from "./shell.js";
import { GROUPS, groupOf } from "./status.js";
import { toastRegion } from "./toast.js";

const nav = el("nav", { class: "nav" });
const bar = el("header", { class: "bar" });
const main = el("main", { class: "main", id: "main", tabindex: "-1" });
const tabs = el("nav", { class: "tabbar" });
const skip = el("a", { class: "skip", href: "#main", on: { click: skipToMain } });
const state = { route: null, shown: null, session: null, counts: null, screen: null, left: new AbortController() };
const live = createLive({ refresh, changed: draw, now });
const doings = { toggleLive: live.toggle, chooseLanguage, redraw: draw };
let router = null;

async function start() {
  const { prefix = "" } = document.querySelector('meta[name="okydrom"]').dataset;
  useApi(prefix);
  await load(document.documentElement.lang);
  document.body.append(skip, el("div", { class: "shell" }, nav, bar, main, progressBar(live.now)), tabs, toastRegion());
  watchMenus();
  router = startRouter(prefix, show);
  tick();
}

async function show(route, kept) {
  const same = state.shown && state.shown.name === route.name && sameParams(state.shown.params, route.params);
  const first = state.route === null;
  state.route = route;
  if (same && state.screen.moved) {
    const asks = state.screen.moved(route.query, kept !== null);
    draw();
    if (!asks) return;
  } else {
    if (!(await open(route, kept !== null))) return;
    scrollTo(0, 0);
    if (!first) bar.querySelector("h1").focus({ preventScroll: true });
  }
  await live.now();
  if (kept) giveBack(kept);
}

// False: another screen was opened meanwhile.
async function open(route, kept = false) {
  const make = await screenOf(route.name);
  if (state.route !== route) return false;
  state.screen?.leave?.();
  state.left.abort();
  state.left = new AbortController();
  const { params, query } = route;
  const page = { params, query, kept, signal: state.left.signal, draw, live,
    go: (address, how) => router.go(address, how) };
  state.screen = make(page);
  state.shown = route;
  swap(main, state.screen.element);
  draw();
  return true;
}

// Back to where one was: the scroll position, and the item that had the focus.
function giveBack({ scroll, item }) {
  scrollTo(0, scroll);
  const row = item && main.querySelector(`[data-key="${CSS.escape(item)}"]`);
  (row?.matches("a, button") ? row : row?.querySelector("a, button"))?.focus({ preventScroll: true });
}

async function refresh() {
  const answers = await Promise.all([frame(), state.screen ? state.screen.load() : true]);
  return answers.every(Boolean);
}

// What the frame shows: who, which service, how many tasks.
async function frame() {
  try {
    const [session, statuses] = await Promise.all([loadSession(), get("/statuses")]);
    state.session = session;
    if (session.allowed.includes("read")) await lookForBulks();
    state.counts = Object.fromEntries(GROUPS.map((group) => [group, 0]));
    for (const { status, count } of statuses.items) state.counts[groupOf(status)] += count;
    return true;
  } catch (error) {
    if (error.name !== "ApiError" && !wasLeft(error)) throw error;
    return false;
  } finally {
    draw();
  }
}

function draw() {
  const { screen } = state;
  if (!screen) return;
  const title = screen.title();
  document.title = `${title} · ${t("product")}`;
  const heading = screen.heading?.() ?? el("h1", { tabindex: "-1" }, title);
  const shown = { ...state, title, heading, extra: screen.extra?.(), live };
  patch(nav, sideBar(shown, doings));
  patch(bar, topBar(shown, doings));
  patch(tabs, bottomBar(shown, doings));
  nav.setAttribute("aria-label", t("nav.label"));
  tabs.setAttribute("aria-label", t("nav.label_short"));
  swap(skip, t("nav.skip"));
}

async function chooseLanguage(lang) {
  await load(lang);
  document.documentElement.lang = lang;
  const url = new URL(location.href);
  url.searchParams.delete("lang");
  history.replaceState(history.state, "", url);
  state.route = { ...state.route, query: url.searchParams };
  if (await open(state.route)) await live.now();
}

// By hand: the browser's own way would make an entry in the history.
function skipToMain(event) {
  event.preventDefault();
  main.focus();
}

function sameParams(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

start();
