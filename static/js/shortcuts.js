// Keys that work on every screen, and the boxes that they open. What these show is loaded when it is asked for.
import { GOES, listen } from "./keys.js";
import { bring } from "./late.js";
import { t } from "./message.js";
import { href } from "./router.js";
import { step } from "./rows.js";
import { mayCreate } from "./session.js";
import { toast } from "./toast.js";

const PATIENCE = 1_500; // ms after g

/** Listen to them from now on; `doings` are those of the frame. */
export function listenEverywhere(doings) {
  let armed = -Infinity;
  const going = ({ timeStamp }) => timeStamp - armed < PATIENCE;
  const to = (name) => doings.go(href(name));
  const arrive = (event) => {
    if (!going(event)) return false;
    armed = -Infinity;
    to(GOES[event.code]);
  };
  listen({
    ...Object.fromEntries(Object.keys(GOES).map((code) => [code, arrive])),
    KeyG: ({ timeStamp }) => {
      armed = timeStamp;
    },
    KeyJ: () => step(1),
    KeyK: () => step(-1),
    KeyN: () => (mayCreate() ? to("composer") : toast(t("refused.role"), "info")),
    KeyP: (event) => (going(event) ? arrive(event) : doings.toggleLive()),
    Slash: () => {
      const field = document.querySelector("main :is([role=combobox], [type=search])");
      if (field) field.focus();
      else to("tasks");
    },
    "Shift+Slash": doings.help,
  });
  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) doings.jump();
  });
}

/** The box to jump with. */
export async function openJump(doings) {
  (await bring(() => import("./jump.js"), "boxes"))?.open(doings);
}

/** What keys there are. */
export async function openHelp() {
  (await bring(() => import("./keyhelp.js"), "boxes"))?.open();
}
