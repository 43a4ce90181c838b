// The screens by name. The code of one is loaded when it is opened for the first time.
import { ApiError, get } from "./api.js";
import { block } from "./block.js";
import { el } from "./dom.js";
import { loadChapter, t } from "./message.js";

const AGAIN = 2_000; // ms

const SCREENS = {
  absent: () => import("./screens/absent.js"),
  bulk: () => import("./screens/bulk.js"),
  composer: () => import("./screens/composer.js"),
  destinations: () => import("./screens/destinations.js"),
  methods: () => import("./screens/methods.js"),
  operation: () => import("./screens/operation.js"),
  overview: () => import("./screens/overview.js"),
  parameters: () => import("./screens/parameters.js"),
  signin: () => import("./screens/signin.js"),
  statuses: () => import("./screens/statuses.js"),
  system: () => import("./screens/system.js"),
  task: () => import("./screens/task.js"),
  tasks: () => import("./screens/tasks.js"),
};

// What not every screen needs: words, and rules of style.
const CHAPTERS = {
  bulk: "bulk", composer: "composer", destinations: "destinations", methods: "reference", operation: "bulk",
  overview: "overview", parameters: "reference", signin: "boxes", statuses: "reference", system: "overview",
  task: "task",
};
const STYLES = {
  bulk: "reference", destinations: "destinations", methods: "reference", overview: "overview",
  parameters: "reference", statuses: "reference", system: "overview", task: "task",
};
const styled = new Map();

/**
 * What makes the screen of this name. If its code can't be had, the service is away or another version of it has
 * begun: once it answers, the page is loaded anew; if that was of no use, the reader is told.
 */
export async function screenOf(name) {
  try {
    const words = CHAPTERS[name] ? loadChapter(CHAPTERS[name]) : null;
    const [{ make }] = await Promise.all([SCREENS[name](), words, STYLES[name] && style(STYLES[name])]);
    return make;
  } catch {
    if (history.state?.anew) return missing;
    await anew();
    return new Promise(() => {}); // nothing of this page is needed any more
  }
}

async function anew() {
  await answers();
  history.replaceState({ ...history.state, anew: true }, ""); // this entry of the history remembers it
  location.reload();
}

// The screen in the place of one whose code does not come.
function missing() {
  const error = new ApiError({ code: "part" });
  const card = el("section", { class: "card" }, block({ data: null, error, load: anew }));
  return { element: el("div", { class: "screen" }, card), title: () => t("block.failed"), load: () => true };
}

/** Have the code of a screen loaded that may be opened soon; if it can't be had, opening it will say so. */
export function loadAhead(name) {
  SCREENS[name]().catch(() => {});
}

// A style sheet in the place of the others, once.
function style(name) {
  if (!styled.has(name)) {
    styled.set(name, new Promise((load, error) => {
      const href = new URL(`../css/${name}.css`, import.meta.url).href;
      document.head.append(el("link", { rel: "stylesheet", href, on: { load, error } }));
    }));
  }
  return styled.get(name);
}

async function answers() {
  for (;;) {
    try {
      await get("/session");
      return;
    } catch {
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}
