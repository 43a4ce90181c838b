// The bottom bar of narrow screens.
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { bring } from "./late.js";
import { t } from "./message.js";
import { here, REFERENCE } from "./places.js";
import { href } from "./router.js";
import { mayCreate } from "./session.js";
import { toast } from "./toast.js";

/** A function of the page's state and of what can be done, as the side bar is, which its last button shows. */
export function bottomBar(state, doings) {
  const link = (name, sign, text) => el("a", { href: href(name), "aria-current": here(state, name) }, icon(sign), text);
  const current = [...REFERENCE, "bulk", "operation"].includes(state.route.name) ? "page" : null;
  return [
    link("overview", "overview", t("nav.overview")),
    link("tasks", "tasks", t("nav.tasks")),
    mayCreate() ? link("composer", "plus", t("nav.create")) : refused("plus", t("nav.create")),
    link("destinations", "destinations", t("nav.destinations")),
    el("button", { type: "button", "aria-current": current, "aria-haspopup": "dialog",
      on: { click: () => more(state, doings) } }, icon("menu"), t("nav.more")),
  ];
}

function refused(sign, text) {
  const why = t("refused.role");
  return el("button", { type: "button", "aria-disabled": "true", title: why, on: { click: () => toast(why, "info") } },
    icon(sign), text);
}

async function more(state, doings) {
  (await bring(() => import("./more.js")))?.openMore(state, doings);
}
