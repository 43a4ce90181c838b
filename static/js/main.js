// The page: starts it, keeps the frame and the open screen up to date.
// What a screen is stands with the smallest, screens/absent.js.
import { useApi, useSignIn } from "./api.js";
import { bottomBar } from "./bottombar.js";
import { chooseLanguage, chooseZone, startChoices } from "./choices.js";
import { el, patch, swap } from "./dom.js";
import { frame, loadFrame } from "./frame.js";
import { createHearing } from "./hearing.js";
import { createLive } from "./live.js";
import { watchMenus } from "./menu.js";
import { load, t } from "./message.js";
import { now, tick } from "./moment.js";
import { liveWords } from "./pill.js";
import { progressBar } from "./progress.js";
import { nameAt, startRouter } from "./router.js";
import { loadAhead, screenOf } from "./screens.js";
import { mayRead } from "./session.js";
import { listenEverywhere, openHelp, openJump } from "./shortcuts.js";
import { sideBar } from "./sidebar.js";
import { askToSignIn, signOut } from "./signingin.js";
import { createStage } from "./stage.js";
import { readEvents } from "./stream.js";
import { announce, toastRegion } from "./toast.js";
import { topBar } from "./topbar.js";
import { createTurns } from "./turns.js";
import { queryOf } from "./wishes.js";

const nav = el("nav", { class: "nav" });
const bar = el("header", { class: "bar" });
const main = el("main", { class: "main", id: "main", tabindex: "-1" });
const tabs = el("nav", { class: "tabbar" });
const skip = el("a", { class: "skip", href: "#main", on: { click: skipToMain } });
const go = (...to) => router.go(...to);
const stage = createStage({ main, heading: () => bar.querySelector("h1"), live: () => live, left: () => hearing.stop(),
  draw, go });
const hearing = createHearing({ state: stage, live: () => live, draw });
const live = createLive({ refresh, changed, now, hidden: () => document.hidden, connect: readEvents,
  told: hearing.told, turns: createTurns(() => live.yield()),
  wish: () => (mayRead() ? queryOf(hearing.wish()) : null) });
const doings = { toggleLive: live.toggle, chooseLanguage, chooseZone, redraw: draw, signOut,
  signIn: async () => (await askToSignIn()) && live.anew(), help: openHelp, jump: () => openJump(doings), go };
let router = null;
let told = false; // was it announced that all is stale?

async function start() {
  const { prefix = "" } = document.querySelector('meta[name="okydrom"]').dataset;
  useApi(prefix);
  useSignIn(askToSignIn, live.anew);
  startChoices(stage.remake);
  const words = load(document.documentElement.lang);
  screenOf(nameAt(prefix)); // it is asked for while the words come
  await words;
  document.body.append(skip, el("div", { class: "shell" }, nav, bar, main, progressBar(live.now, live.tells)), tabs,
    toastRegion());
  watchMenus();
  document.addEventListener("visibilitychange", live.seen);
  addEventListener("focus", live.turned);
  router = startRouter(prefix, stage.show, loadAhead);
  draw(); // the frame, before its first screen is there
  listenEverywhere(doings);
  tick();
}

async function refresh() {
  const framed = loadFrame().finally(draw);
  const answers = await Promise.all([framed, stage.load()]);
  return answers.every(Boolean);
}

function changed() {
  draw();
  const stale = live.state === "stale";
  const settled = ["live", "polling", "paused"].includes(live.state);
  if (stale !== told && (stale || settled)) announce(liveWords(live));
  if (stale || settled) told = stale;
}

function draw() {
  const { route, screen } = stage;
  if (!route) return;
  const shown = { ...frame, route, live };
  patch(nav, sideBar(shown, doings));
  patch(tabs, bottomBar(shown, doings));
  nav.setAttribute("aria-label", t("nav.label"));
  tabs.setAttribute("aria-label", t("nav.label_short"));
  swap(skip, t("nav.skip"));
  if (!screen) return;
  const title = screen.title();
  document.title = `${title} · ${t("product")}`;
  const heading = screen.heading?.() ?? el("h1", { tabindex: "-1" }, title);
  patch(bar, topBar({ ...shown, heading, extra: screen.extra?.() }, doings));
}

// By hand: the browser's own way would make an entry in the history.
function skipToMain(event) {
  event.preventDefault();
  main.focus();
}

start();
