// The form to sign in with: one field, the token. It goes into the request and nowhere else; the server answers with a
// cookie that no script can read.
import { ApiError, post } from "./api.js";
import { errorTrace, errorWords, notice } from "./block.js";
import { openDialog } from "./dialog.js";
import { el, swap } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";

/** The form; `done` is called when somebody has signed in, `more` are buttons beside its own. */
export function signInForm(done, ...more) {
  const trouble = el("div");
  const token = el("input", { class: "input mono", id: "sign-in-token", type: "password", autocomplete: "off",
    spellcheck: "false", autofocus: true, required: true });
  const button = el("button", { class: "btn btn-primary", type: "submit" }, t("signin.button"));
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await post("/session", { body: JSON.stringify({ token: token.value.trim() }) });
      token.value = "";
      done();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const words = error.status === 409 ? t("signin.open") : errorWords(error);
      swap(trouble, notice("bad", "warning", el("div", {}, el("p", {}, words), errorTrace(error))));
      button.disabled = false;
      token.select();
    }
  };
  return el("form", { class: "form", novalidate: true, on: { submit } },
    el("div", { class: "field" }, el("label", { for: "sign-in-token" }, t("signin.token")), token,
      el("p", { class: "help" }, t("signin.help"))),
    trouble,
    el("div", { class: "row" }, button, more));
}

/** Ask for it in a dialog; was it given? */
export function openSignIn() {
  return new Promise((resolve) => {
    let done = false;
    const form = signInForm(() => {
      done = true;
      dialog.close();
    }, el("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, t("action.back")));
    const title = el("h2", { id: "sign-in-title" }, icon("user"), " ", t("signin.title"));
    const dialog = openDialog({ class: "dialog", "aria-labelledby": "sign-in-title" },
      el("div", { class: "dialog-body" }, title, el("p", { class: "soft" }, t("signin.text")), form));
    dialog.addEventListener("close", () => resolve(done));
  });
}
