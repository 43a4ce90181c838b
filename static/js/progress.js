// The bar at the foot of every page while bulk operations run, and the message when one has ended.
import { get } from "./api.js";
import { el, patch } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { progress, SIGNS, skippedBy, stopButton, title } from "./operation.js";
import { href } from "./router.js";
import { toast } from "./toast.js";

const PERIOD = 1000;
const bar = el("div", { class: "progress" });
const over = new Map(); // those that have ended, by id
let running = [];
let changed = () => {};
let told = () => false;
let timer = null;

/**
 * The place of the bar; `done` is called whenever an operation has ended. While `tells()`, nothing is asked: what
 * changes is told.
 */
export function progressBar(done, tells) {
  [changed, told] = [done, tells];
  return bar;
}

/** Look which operations run. */
export async function lookForBulks() {
  const { items } = await get("/bulk", { query: { limit: 25 } });
  for (const bulk of items) if (bulk.state === "running" || isShown(bulk)) take(bulk);
}

/** One that was begun here: what became of it is said, even if it has ended before the answer came. */
export function begin(bulk) {
  if (over.has(bulk.id)) sayOver(over.get(bulk.id));
  else take(bulk);
}

/** An operation as it now is: further on, or ended. */
export function take(bulk) {
  const known = isShown(bulk);
  if (over.has(bulk.id)) return; // an answer that was on its way longer than the end
  if (bulk.state !== "running") over.set(bulk.id, bulk);
  running = [...(known ? [] : [bulk]), ...running.map((each) => (each.id === bulk.id ? bulk : each))]
    .filter(({ id }) => !over.has(id));
  if (known && over.has(bulk.id)) sayOver(bulk);
  draw();
  plan();
}

function sayOver(bulk) {
  const said = t("bulk.over", { state: t(`bulk.state_${bulk.state}`), done: bulk.done, skipped: skippedBy(bulk) });
  toast(bulk.state === "stopped" ? `${said} ${t("bulk.kept")}` : said, bulk.state === "failed" ? "warning" : "check");
  changed();
}

function isShown(bulk) {
  return running.some(({ id }) => id === bulk.id);
}

// A hidden page looks again when it is seen.
function plan() {
  clearTimeout(timer);
  if (running.length && !document.hidden && !told()) timer = setTimeout(look, PERIOD);
}

async function look() {
  const now = await Promise.all(running.map(({ id }) => get(`/bulk/${id}`).catch(() => null)));
  for (const bulk of now) if (bulk) take(bulk);
  plan();
}

function draw() {
  patch(bar, running.slice(0, 1).map((bulk) => el("section", { class: "progress-bar", "aria-label": t("nav.bulk") },
    icon(SIGNS[bulk.action]), el("a", { href: href("operation", { id: bulk.id }) }, title(bulk)), progress(bulk),
    el("span", { class: "soft" }, t("bulk.progress", { done: bulk.done, matched: bulk.matched })),
    running.length > 1 && el("a", { href: href("bulk") }, t("bulk.more", { count: running.length - 1 })),
    stopButton(bulk, take))));
}
