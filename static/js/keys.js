// Keys of the page, by their place on the keyboard, so that they work in any layout.
import { choice } from "./choice.js";

/** While the signal lasts, `keys` {code: function} are heard: not in fields and dialogs, nor with modifiers. */
export function listen(keys, signal) {
  document.addEventListener("keydown", (event) => {
    const { code, target, ctrlKey, altKey, metaKey, shiftKey, isComposing } = event;
    if (ctrlKey || altKey || metaKey || shiftKey || isComposing || event.defaultPrevented) return;
    const typing = target.matches("input:not([type=checkbox]), textarea, select");
    if (typing || document.querySelector("dialog[open]")) return;
    if (!Object.hasOwn(keys, code) || choice("keys") === "off") return;
    if (keys[code](event) !== false) event.preventDefault();
  }, { signal });
}
