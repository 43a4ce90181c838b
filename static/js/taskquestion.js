// The question before something is done to one task.
import { ApiError, get, post, remove } from "./api.js";
import { errorWords, notice } from "./block.js";
import { el } from "./dom.js";
import { has, t } from "./message.js";
import { ask } from "./question.js";
import { toast } from "./toast.js";

/**
 * Ask; `kind` says what the action means for this task, `done(task)` is called when it was done. If somebody was
 * faster, `again(task, error)` is to ask about what has become of it; `news` is that error, the second time.
 */
export function askAbout(action, kind, task, { done, again, news }) {
  const path = `/tasks/${encodeURIComponent(task.id)}`;
  const { id, status, version, max_attempts: count } = task;
  const warning = `${kind}.text.${status}`;
  const content = [
    news && notice("bad", "warning", el("p", {}, errorWords(news))),
    el("p", {}, t(`${kind}.text`, { count })),
    has(warning) && el("p", { class: "soft" }, t(warning)),
    el("p", { class: "mono muted" }, id),
  ];
  const dialog = ask({
    title: t(`${kind}.title`),
    content,
    action: t(`${kind}.confirm`),
    tone: ["cancel", "delete"].includes(action) ? "danger" : "primary",
    run: async () => {
      const after = await act().catch(anew);
      if (!after) return;
      toast(t(action === "cancel" && after.status === "sending" ? "cancel.noted" : `${kind}.done`));
      done(after);
    },
  });

  function act() {
    return action === "delete" ? remove(path, { version }) : post(`${path}/${action}`, { version });
  }

  async function anew(error) {
    if (!(error instanceof ApiError) || error.status !== 412 || !dialog.isConnected) throw error;
    const fresh = await get(path);
    dialog.close();
    again(fresh, error);
  }
}
