// What becomes of an event: the frame takes what is its own, the open screen what it wished for.
import { refreshCounts } from "./frame.js";
import { paced } from "./paced.js";
import { take } from "./progress.js";
import { isWished, wishOf } from "./wishes.js";

const AGAIN = 2_000; // ms between two times that events make the page ask

/**
 * `told(name, data)` takes an event; `wish()` is what the open screen wants to hear of; `stop()` takes back what is to
 * be asked for the screen that was open. `state` has {shown, screen}, `live()` is what keeps the page up to date.
 */
export function createHearing({ state, live, draw }) {
  const wish = () => wishOf(state.shown?.name, state.screen);
  const counts = paced(count, AGAIN);
  const again = paced(async () => !live().paused && await state.screen.load() && live().tune(), AGAIN);

  async function count() {
    if (live().paused || !(await refreshCounts())) return;
    draw();
    state.screen?.told?.("counts");
  }

  function told(name, data) {
    if (name === "stats") counts.ask();
    if (name === "bulk") data.items.forEach(take);
    if (!isWished(name, wish())) return;
    const heard = state.screen?.told?.(name, data);
    if (name === "resync") live().now();
    else if (data && !heard) again.ask();
  }
  return { told, wish, stop: again.stop };
}
