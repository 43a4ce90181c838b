// The question before something is done to one task.
import { post, remove } from "./api.js";
import { ask } from "./dialog.js";
import { el } from "./dom.js";
import { has, t } from "./message.js";
import { toast } from "./toast.js";

/** Ask; `kind` says what the action means for this task, `done(task)` is called when it was done. */
export function askAbout(action, kind, task, done) {
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
