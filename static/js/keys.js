// Keys of the page, by their place on the keyboard, so that they work in any layout.
import { choice } from "./choice.js";

/** Where g and a further key lead, by its place on the keyboard. */
export const GOES = { KeyO: "overview", KeyT: "tasks", KeyD: "destinations", KeyB: "bulk", KeyM: "methods",
  KeyS: "statuses", KeyP: "parameters", KeyY: "system" };

const HELD = ["KeyJ", "KeyK"]; // go on while they are held: a step is no deed

/**
 * While the signal lasts, `keys` {code: function} are heard: not in fields and dialogs, nor with modifiers, but for
 * Shift where the code names it ("Shift+Slash"). A function that says false leaves the key to others.
 */
export function listen(keys, signal) {
  document.addEventListener("keydown", (event) => {
    const { target, ctrlKey, altKey, metaKey, shiftKey, isComposing } = event;
    if (ctrlKey || altKey || metaKey || isComposing || event.defaultPrevented) return;
    const typing = target.matches("input:not([type=checkbox]), textarea, select");
    if (event.repeat && !HELD.includes(event.code)) return;
    if (typing || document.querySelector("dialog[open]")) return;
    const code = `${shiftKey ? "Shift+" : ""}${event.code}`;
    if (!Object.hasOwn(keys, code) || choice("keys") === "off") return;
    if (keys[code](event) !== false) event.preventDefault();
  }, { signal });
}
