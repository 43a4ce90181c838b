// What an operator can do to a task: whether its status allows it, why not, and the question before it is done.
import { post, remove } from "./api.js";
import { ask } from "./dialog.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { has, t } from "./message.js";
import { mayAct } from "./session.js";
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

const SIGNS = { retry: "retrying", cancel: "cancelled", edit: "edit", resend: "resend" };

/** A button for an action. It asks, and calls `done` when it was done; `begin` is what it does instead. */
export function actionButton(action, task, { primary = false, done, begin }) {
  const refused = refusal(action, task);
  const kind = kindOf(action, task);
  const press = () => {
    if (refused) return toast(refused, "info");
    return begin ? begin() : question(action, kind, task, done);
  };
  return el("button", {
    key: action,
    class: primary ? "btn btn-primary" : "btn",
    type: "button",
    title: refused,
    "aria-disabled": refused ? "true" : null,
    on: { click: press },
  }, icon(SIGNS[action]), t(`${kind}.button`));
}

/** Ask before an action that is possible is done to one task. */
export function askFor(action, task, done) {
  question(action, kindOf(action, task), task, done);
}

/** Does a status permit an action? */
export function permits(status, action) {
  return PERMITTED[action].includes(status);
}

/** Why an action is not possible, in words, or null. */
export function refusal(action, { status, allowed, erased_at: erased }) {
  if (erased) return t("refused.erased");
  if (permits(status, action)) return (allowed?.includes(action) ?? mayAct()) ? null : t("refused.role");
  const key = `refused.${action}.${status}`;
  return t(has(key) ? key : `refused.${action}`);
}

// Retrying a task that has attempts left grants none: it only makes the next one due.
function kindOf(action, { status }) {
  return action === "retry" && ["queued", "retrying"].includes(status) ? "hurry" : action;
}

function question(action, kind, task, done) {
  const { id, status, version, max_attempts: count } = task;
  const warning = `${kind}.text.${status}`;
  const content = [
    el("p", {}, t(`${kind}.text`, { count })),
    has(warning) && el("p", { class: "soft" }, t(warning)),
    el("p", { class: "mono muted" }, id),
  ];
  ask({
    title: t(`${kind}.title`),
    content,
    action: t(`${kind}.confirm`),
    tone: ["cancel", "delete"].includes(action) ? "danger" : "primary",
    run: async () => {
      const path = `/tasks/${encodeURIComponent(id)}`;
      const after = await (action === "delete" ? remove(path, { version }) : post(`${path}/${action}`, { version }));
      toast(t(action === "cancel" && after.status === "sending" ? "cancel.noted" : `${kind}.done`));
      done(after);
    },
  });
}
