// Times on the page that go on ticking, by the server's clock.
import { el } from "./dom.js";
import { age, ago, coming, countdown, exact, full, moment, nearby, when } from "./format.js";

const TICK = 1000;
const forms = {
  age: (at, now) => age(now - at),
  ago,
  coming,
  countdown,
  nearby,
  when,
  moment: (at) => moment(at),
  exact: (at) => exact(at),
};
let ahead = 0;

/** Follow the server's clock if it differs from this machine's by more than the way of an answer explains. */
export function follow(serverNow) {
  const difference = serverNow - Date.now();
  ahead = Math.abs(difference) > 2000 ? difference : 0;
}

/** Milliseconds since the epoch, by the server's clock. */
export function now() {
  return Date.now() + ahead;
}

/** A <time> in one of the forms age, ago, coming, countdown, nearby, when, moment, exact; its title says it in full. */
export function time(stamp, form) {
  const at = Date.parse(stamp);
  const text = forms[form](at, now());
  return el("time", { datetime: stamp, title: full(at), "data-form": form }, text);
}

/** Keep the texts of all of them up to date. */
export function tick() {
  setInterval(() => {
    if (document.hidden) return;
    for (const node of document.querySelectorAll("time[data-form]")) {
      const text = forms[node.dataset.form](Date.parse(node.dateTime), now());
      if (node.textContent !== text) node.firstChild.data = text;
    }
  }, TICK);
}
