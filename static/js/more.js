// Everything of the side bar, for screens that have no room for it.
import { openDialog } from "./dialog.js";
import { el, patch } from "./dom.js";
import { t } from "./message.js";
import { instance, menu, tools } from "./sidebar.js";

/** Show it in a sheet; any choice in it closes it. */
export function openMore(state, doings) {
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
