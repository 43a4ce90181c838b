// Dialogs. The browser's own <dialog> keeps the focus inside and gives it back when closed.
import { el } from "./dom.js";

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
