// The open screen: made when one goes to it, told when its address changes, left when another is opened.
import { swap } from "./dom.js";
import { screenOf } from "./screens.js";

const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];

/**
 * `main` is where the screen stands, `heading()` the heading that takes the focus; `live()` keeps the page up to date,
 * `left()` is called when a screen was left, `draw()` draws what stands around it, `go` is the router's.
 * What is known: `route` that was asked for, the one that is `shown`, its `screen`.
 */
export function createStage({ main, heading, live, left, draw, go }) {
  const stage = { route: null, shown: null, screen: null };
  let leaving = new AbortController();
  let loading = null; // what the screen asked for last
  let touched = 0; // how often the reader did something
  for (const kind of HANDS) addEventListener(kind, () => { touched += 1; }, { capture: true, passive: true });

  /** Go to a route; `kept` is what was kept of it, on the way back. */
  stage.show = async (route, kept) => {
    const { shown, screen } = stage;
    const same = shown && shown.name === route.name && JSON.stringify(shown.params) === JSON.stringify(route.params);
    const first = stage.route === null;
    const before = touched;
    stage.route = route;
    if (same && screen.moved) {
      const asks = screen.moved(route.query, kept !== null);
      draw();
      if (!asks) return;
    } else {
      if (!(await open(route, kept !== null))) return;
      scrollTo(0, 0);
      if (!first) heading().focus({ preventScroll: true });
    }
    await ask();
    if (kept && route === stage.route && before === touched) giveBack(kept);
  };

  /** Have the open screen ask for everything it shows; was all answered? */
  stage.load = () => (loading = stage.screen ? stage.screen.load() : true);

  /** The same screen in another language, or with times of another zone. */
  stage.remake = async (query = stage.route.query) => {
    stage.route = { ...stage.route, query };
    if (await open(stage.route)) await ask();
  };

  // Ask for what is to be shown; a new screen counts as busy until it has been answered.
  async function ask() {
    const { screen } = stage;
    live().now();
    await loading; // not for what is around it
    if (screen === stage.screen) main.removeAttribute("aria-busy");
  }

  // False: another screen was opened meanwhile.
  async function open(route, kept = false) {
    const make = await screenOf(route.name);
    if (stage.route !== route) return false;
    stage.screen?.leave?.();
    leaving.abort();
    leaving = new AbortController();
    left();
    const { params, query } = route;
    stage.screen = make({ params, query, kept, signal: leaving.signal, draw, live: live(), go });
    stage.shown = route;
    main.setAttribute("aria-busy", "true");
    swap(main, stage.screen.element);
    draw();
    return true;
  }

  // Back to where one was: the scroll position, and the item that had the focus.
  function giveBack({ scroll, item }) {
    scrollTo(0, scroll);
    const row = item && main.querySelector(`[data-key="${CSS.escape(item)}"]`);
    (row?.matches("a, button") ? row : row?.querySelector("a, button"))?.focus({ preventScroll: true });
  }

  return stage;
}
