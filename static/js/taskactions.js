// What an operator can do to a task: whether its status allows it, why not, and the question before it is done.
import { post } from "./api.js";
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
  resend: ["queued", "sending", "retrying", ...ENDED],
};

/** A button for `retry` or `cancel`; `done` is called when it was done. */
export function actionButton(action, task, { primary = false, done }) {
  const refused = refusal(action, task);
  const kind = kindOf(action, task);
  const press = () => (refused ? toast(refused, "info") : question(action, kind, task, done));
  return el("button", {
    key: action,
    class: primary ? "btn btn-primary" : "btn",
    type: "button",
    title: refused,
    "aria-disabled": refused ? "true" : null,
    on: { click: press },
  }, icon(action === "retry" ? "retrying" : "cancelled"), t(`${kind}.button`));
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
export function refusal(action, { status, allowed }) {
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
    tone: action === "cancel" ? "danger" : "primary",
    run: async () => {
      const after = await post(`/tasks/${encodeURIComponent(id)}/${action}`, { version });
      toast(t(action === "cancel" && after.status === "sending" ? "cancel.noted" : `${kind}.done`));
      done(after);
    },
  });
}
