// What can be done to the task that is open.
import { ApiError } from "./api.js";
import { errorWords } from "./block.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { bringDialog } from "./late.js";
import { menu, menuButton } from "./menu.js";
import { t } from "./message.js";
import { actionButton, askFor, refusal } from "./taskactions.js";
import { toast } from "./toast.js";

/**
 * The buttons. `done(task)` is called when the task has changed, `copied(task)` with a copy of it; `copyCurl` and
 * `copyJson` copy it, its body is at the address `bodyAt`; `draw` draws the place where they stand.
 */
export function taskBar(task, { draw, done, copied, copyCurl, copyJson, bodyAt }) {
  const edited = (after) => {
    toast(t("edit.done"));
    done(after);
  };
  const edit = () => begin("edit", task, edited);
  const copy = () => begin("resend", task, copied);
  const items = () => [
    menuButton(t("task.copy_curl"), copyCurl, { sign: "copy" }),
    menuButton(t("task.copy_json"), copyJson, { sign: "copy" }),
    task.size > 0 && !task.erased_at && el("a", { class: "menu-item", href: bodyAt, download: `${task.id}.body` },
      icon("download", "sm"), t("task.download")),
    menuButton(t("delete.button"), () => askFor("delete", task, done), { sign: "close",
      refused: refusal("delete", task) }),
  ];
  return el("div", { class: "end" },
    actionButton("edit", task, { begin: edit }),
    actionButton("resend", task, { begin: copy }),
    actionButton("cancel", task, { done }),
    actionButton("retry", task, { primary: task.group === "failed", done }),
    menu({ key: "task", sign: "more", label: t("task.more"), items, draw }));
}

async function begin(action, task, done) {
  try {
    await bringDialog(() => import("./editor.js"), "asking", (code, free) => code.openEditor(action, task, done, free));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(errorWords(error), "warning");
  }
}
