// The question before something is done.
import { ApiError } from "./api.js";
import { errorTrace, errorWords, notice } from "./block.js";
import { openDialog } from "./dialog.js";
import { el, swap } from "./dom.js";
import { t } from "./message.js";
import { toast } from "./toast.js";

/**
 * Ask before something is done; returns the dialog. `run` does it; while it runs the button waits, if it fails the
 * dialog says so and stays; where it was left, a message says so. `content` are the paragraphs between title and
 * buttons; `tone` is primary or danger.
 */
export function ask({ title, content, action, tone = "primary", run }) {
  const trouble = el("div");
  const confirm = el("button", { class: `btn btn-${tone}`, type: "button", autofocus: tone !== "danger" }, action);
  const cancel = el("button", { class: "btn", type: "button", autofocus: tone === "danger" }, t("action.back"));
  const body = el("div", { class: "dialog-body" }, el("h2", { id: "dialog-title" }, title), content, trouble);
  const dialog = openDialog({ class: "dialog", "aria-labelledby": "dialog-title" }, body,
    el("div", { class: "dialog-foot" }, cancel, confirm));
  cancel.addEventListener("click", () => dialog.close());
  confirm.addEventListener("click", async () => {
    confirm.disabled = true;
    try {
      await run();
      dialog.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!dialog.isConnected) return toast(errorWords(error), "warning");
      const said = el("div", {}, el("p", {}, errorWords(error)), errorTrace(error));
      swap(trouble, notice("bad", "warning", said));
      confirm.disabled = false;
    }
  });
  return dialog;
}
