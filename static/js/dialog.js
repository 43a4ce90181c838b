// Dialogs. The browser's own <dialog> keeps the focus inside and gives it back when closed.
import { ApiError } from "./api.js";
import { errorTrace, errorWords, notice } from "./block.js";
import { el, swap } from "./dom.js";
import { t } from "./message.js";

/**
 * Show children in a dialog; returns the element. It is taken out of the page when closed. Who presses Escape or the
 * backdrop leaves it, unless its event `cancel` is prevented.
 */
export function openDialog(attributes, ...children) {
  const dialog = el("dialog", attributes, ...children);
  dialog.addEventListener("close", () => dialog.remove());
  let pressed = null; // a drag may end elsewhere than it began
  dialog.addEventListener("pointerdown", ({ target }) => {
    pressed = target;
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog && pressed === dialog) leave(dialog); // the backdrop
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Close a dialog as Escape does: if it lets go. */
export function leave(dialog) {
  if (dialog.dispatchEvent(new Event("cancel", { cancelable: true }))) dialog.close();
}

/**
 * Ask before something is done. `run` does it; while it runs the button waits, if it fails the dialog says so and
 * stays. `content` are the paragraphs between title and buttons; `tone` is primary or danger.
 */
export function ask({ title, content, action, tone = "primary", run }) {
  const trouble = el("div");
  const confirm = el("button", { class: `btn btn-${tone}`, type: "button", autofocus: tone !== "danger" }, action);
  const cancel = el("button", { class: "btn", type: "button", autofocus: tone === "danger" }, t("action.back"));
  const body = el("div", { class: "dialog-body" }, el("h2", { id: "dialog-title" }, title), content, trouble);
  const dialog = openDialog({ class: "dialog", "aria-labelledby": "dialog-title" }, body,
    el("div", { class: "dialog-foot" }, cancel, confirm));
  cancel.addEventListener("click", () => dialog.close());
  confirm.addEventListener("click", async () => {
    confirm.disabled = true;
    try {
      await run();
      dialog.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const said = el("div", {}, el("p", {}, errorWords(error)), errorTrace(error));
      swap(trouble, notice("bad", "warning", said));
      confirm.disabled = false;
    }
  });
}
