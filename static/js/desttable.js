// The table of destinations; under one that is not normal why, until when, what then, and what can be done.
import { notice } from "./block.js";
import { visibleLine } from "./bytes.js";
import { bar } from "./columns.js";
import { el } from "./dom.js";
import { duration, number, percent } from "./format.js";
import { icon } from "./icon.js";
import { menu, menuButton } from "./menu.js";
import { has, t } from "./message.js";
import { time } from "./moment.js";
import { href } from "./router.js";
import { mayAct } from "./session.js";
import { withLine } from "./spark.js";
import { askLimits, askPause, retryFailed, steer } from "./steeractions.js";
import { overdueSince, STATE_LOOKS, stateLabel, whyNotNormal } from "./steering.js";
import { table, wideRow } from "./table.js";
import { toast } from "./toast.js";
import { placeUrl } from "./trouble.js";

const BAD_SHARE = 0.05;

/** `place`: {draw, done(destination), failed: how many tasks have failed, by destination}. */
export function destinationTable(items, place) {
  const columns = [...figures(), { name: "act", head: t("column.actions"), quiet: true, num: true,
    cell: (item) => actions(item, place) }];
  const why = (item) => item.state !== "normal" && wideRow(`why ${item.key}`, "reason", columns.length,
    reason(item, place));
  return table({ caption: t("nav.destinations"), kind: "stack dests", items, columns, after: why,
    keyOf: ({ key }) => key, rowClass: ({ state }) => (state === "normal" ? "" : "no-line") });
}

const none = () => el("span", { class: "muted" }, "—");

function figures() {
  const figure = (name, cell, kind) => ({ name, head: t(`column.${name}`), label: t(`column.${name}`), num: true, kind,
    cell });
  return [
    { name: "key", head: t("column.destination"), cell: ({ key }) => el("a", { class: "mono",
      href: href("tasks", {}, { destination: key }), title: visibleLine(key) }, placeUrl(key)) },
    { name: "state", head: t("column.state"), cell: ({ state }) => stateLabel(state) },
    figure("waiting", ({ key, waiting }) => (waiting ? el("a", { href: href("tasks", {}, { destination: key,
      group: "in_progress" }) }, number(waiting)) : number(0))),
    figure("oldest_due", (item) => (overdueSince(item)
      ? el("span", { class: item.state === "held" ? "is-failed" : null }, time(overdueSince(item), "age")) : none()),
    "soft"),
    figure("in_flight", gauge),
    figure("delivered_1h", ({ recent, series }) => withLine(recent.delivered, series)),
    figure("p95", ({ recent }) => (recent.p95_ms === null ? none() : duration(recent.p95_ms)), "soft"),
    figure("not_2xx", ({ recent }) => (recent.attempts ? badShare(recent.not_2xx / recent.attempts) : none())),
  ];
}

function gauge({ in_flight: flying, window: open, limit, ordered, rate }) {
  const most = open ?? limit;
  const own = ordered.concurrency !== null || ordered.rate !== null;
  const title = t(rate ? "destinations.limits_rate" : "destinations.limits", { limit, rate });
  return el("span", { class: "gauge", title }, el("span", {}, own && icon("user", "sm"),
    `${number(flying)} / ${number(most)}`), bar(flying / Math.max(most, 1), flying < most ? "sending" : "retrying"));
}

function badShare(share) {
  return el("span", { class: share > BAD_SHARE ? "is-failed" : "" }, percent(share));
}

// Pausing is one press away; the rest stands in a menu.
function actions(item, { draw, done }) {
  const { key, state } = item;
  const paused = state === "paused";
  const refused = mayAct() ? null : t("refused.role");
  const items = () => [
    menuButton(t("steer.limits"), () => askLimits(item, done), { sign: "parameters", refused }),
    menuButton(t("steer.probe"), () => steer("probe", key, done), { sign: "next", refused }),
    menuButton(t("steer.release"), () => steer("release", key, done), { sign: "play", refused }),
    el("a", { class: "menu-item", href: href("tasks", {}, { destination: key, status: "failed" }) },
      icon("failed", "sm"), t("destinations.failed_tasks")),
  ];
  return el("span", { class: "row acts" },
    paused ? button("play", t("steer.resume"), refused, () => steer("resume", key, done))
      : button("pause", t("steer.pause"), refused, () => askPause(item, done)),
    menu({ key: `steer ${key}`, sign: "more", label: t("steer.more", { key: visibleLine(key) }),
      kind: "btn btn-quiet btn-sm", items, draw }));
}

function reason(item, { done, failed }) {
  const { key, state, reason: cause } = item;
  const refused = mayAct() ? null : t("refused.role");
  const act = (name) => button(null, t(`steer.${name}`), refused, () => steer(name, key, done));
  const count = failed.get(key) ?? 0;
  const then = `destinations.then_${state}_${cause?.kind}`;
  return notice(state === "held" ? "bad" : "warn", STATE_LOOKS[state].sign,
    el("span", {}, whyNotNormal(item), " ", t(has(then) ? then : `destinations.then_${state}`)),
    el("div", { class: "end" }, state === "held" && act("release"), state !== "throttled" && act("probe"),
      count > 0 && button(null, t("steer.retry_failed", { count }), refused, () => retryFailed(key, done))));
}

function button(sign, text, refused, press) {
  return el("button", { class: "btn btn-sm", type: "button", title: refused, "aria-disabled": refused ? "true" : null,
    on: { click: () => (refused ? toast(refused, "info") : press()) } }, sign && icon(sign, "sm"), text);
}
