// What an operator can do to a task: whether its status allows it, and why not.
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { bringDialog } from "./late.js";
import { has, t } from "./message.js";
import { mayAct, mayCreate } from "./session.js";
import { toast } from "./toast.js";

const ENDED = ["delivered", "failed", "cancelled"];
// Where the server does not say what is allowed, the life of a task does.
const PERMITTED = {
  retry: ["queued", "retrying", ...ENDED],
  cancel: ["queued", "sending", "retrying"],
  delete: ENDED,
  edit: ["queued", "retrying", "failed", "cancelled"],
  resend: ["queued", "sending", "retrying", ...ENDED],
};

const KEYS = { retry: "R", cancel: "C" };
const SIGNS = { retry: "retrying", cancel: "cancelled", edit: "edit", resend: "resend" };

/** A button for an action. It asks, and calls `done` when it was done; `begin` is what it does instead. */
export function actionButton(action, task, { primary = false, done, begin }) {
  const refused = refusal(action, task);
  const press = () => (begin && !refused ? begin() : order(action, task, done));
  return el("button", {
    key: action,
    class: primary ? "btn btn-primary" : "btn",
    type: "button",
    title: refused,
    "aria-disabled": refused ? "true" : null,
    "aria-keyshortcuts": KEYS[action] ?? null,
    on: { click: press },
  }, icon(SIGNS[action]), t(`${kindOf(action, task)}.button`));
}

/**
 * Ask before an action that is possible is done to one task; `done(task)` is called when it was done. `news` is the
 * error for which it is asked again.
 */
export function askFor(action, task, done, news = null) {
  const again = (fresh, error) => order(action, fresh, done, error);
  return bringDialog(() => import("./taskquestion.js"), "asking",
    (code) => code.askAbout(action, kindOf(action, task), task, { done, news, again }));
}

/** The same by a key: if it is not possible, that is said. */
export function order(action, task, done, news) {
  const refused = refusal(action, task);
  return refused ? toast(refused, "info") : askFor(action, task, done, news);
}

/** Does a status permit an action? */
export function permits(status, action) {
  return PERMITTED[action].includes(status);
}

/** Why an action is not possible, in words, or null. */
export function refusal(action, { status, allowed, erased_at: erased }) {
  if (erased) return t("refused.erased");
  if (permits(status, action)) return (allowed?.includes(action) ?? mayDo(action)) ? null : t("refused.role");
  const key = `refused.${action}.${status}`;
  return t(has(key) ? key : `refused.${action}`);
}

// Rows of a list don't say what is allowed. Who may create sees his own tasks alone, and may cancel them.
function mayDo(action) {
  return mayAct() || (action === "cancel" && mayCreate());
}

// Retrying a task that has attempts left grants none: it only makes the next one due.
function kindOf(action, { status }) {
  return action === "retry" && ["queued", "retrying"].includes(status) ? "hurry" : action;
}
