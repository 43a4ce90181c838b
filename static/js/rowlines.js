// What the menu of a row of the list offers.
import { ApiError, get, getBytes } from "./api.js";
import { errorWords } from "./block.js";
import { textOf } from "./bytes.js";
import { copyAndSay } from "./clipboard.js";
import { curlOf } from "./curl.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { menuButton } from "./menu.js";
import { t } from "./message.js";
import { href } from "./router.js";
import { askFor, refusal } from "./taskactions.js";
import { toast } from "./toast.js";

const LARGEST = 256 * 1024; // bytes of a body that are copied
const SIGNS = { retry: "retrying", cancel: "cancelled", resend: "resend" };

/** Its lines; `done` is called when something was done to the task. */
export function rowLines(task, done) {
  const action = (name) => menuButton(t(`${name}.button`), () => askFor(name, task, done),
    { sign: SIGNS[name], refused: refusal(name, task) });
  return [
    menuButton(t("task.copy_id"), () => copyAndSay(task.id), { sign: "copy" }),
    menuButton(t("task.copy_curl"), () => copyCurl(task.id), { sign: "copy" }),
    Object.keys(SIGNS).map(action),
    el("a", { class: "menu-item", href: href("tasks", {}, { destination: task.destination }) },
      icon("destinations", "sm"), t("task.same_destination")),
  ];
}

async function copyCurl(id) {
  try {
    const path = `/tasks/${encodeURIComponent(id)}`;
    const task = await get(path);
    const fits = task.size > 0 && task.size <= LARGEST;
    await copyAndSay(curlOf(task, fits ? textOf(await getBytes(`${path}/body`, { limit: LARGEST })) : null));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(errorWords(error), "warning");
  }
}
