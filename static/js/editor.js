// The dialog in which a task is edited, or a copy of it is made that differs: fields, what changed, both versions when
// somebody else was faster.
import { amend, ApiError, get, getBytes, post } from "./api.js";
import { errorTrace, errorWords, faultList, notice } from "./block.js";
import { textOf } from "./bytes.js";
import { changeList } from "./changes.js";
import { leave, openDialog } from "./dialog.js";
import { el, patch } from "./dom.js";
import { faultsAt, faultsUnder, twiceFaults } from "./draft.js";
import { field, input, pairs } from "./fields.js";
import { t } from "./message.js";
import { faultOf } from "./payload.js";
import { changesOf, over, patchOf, revisionOf, without } from "./revision.js";
import { toast } from "./toast.js";

const LARGEST = 64 * 1024; // bytes of a body that are edited here
const SHOWN = ["url", "event", "max_attempts", "deliver_at", "headers", "payload", "body"];

/**
 * Open it for `action` edit or resend, if there is still room for it (`free()`) once the body is there; `done(answer)`
 * is called when that was done.
 */
export async function openEditor(action, task, done, free) {
  const path = `/tasks/${encodeURIComponent(task.id)}`;
  const body = el("div", { class: "dialog-body form" });
  const foot = el("div", { class: "dialog-foot" });
  let known = task;
  let base = revisionOf(known, await bodyOf(known));
  if (!free()) return;
  let mine = base;
  let faults = [];
  let trouble = null;
  let theirs = []; // what somebody else changed while this was open
  let busy = false;
  let warned = false; // that what is changed would be lost

  const isJson = () => known.content_type === null || /^application\/json\b/.test(known.content_type ?? "");
  const set = (part) => {
    mine = { ...mine, ...part };
    warned = false;
    draw();
  };
  const twice = () => (mine.headers === base.headers ? [] : twiceFaults("headers", mine.headers));
  const at = (...names) => faultsAt([...twice(), ...faults], ...names);

  function jsonFaults() {
    const fault = mine.body !== base.body && isJson() && mine.body?.trim() ? faultOf(mine.body) : null;
    return fault ? [{ pointer: "/payload", code: `json_${fault.code}`, params: fault }] : [];
  }

  function draw() {
    const changes = changesOf(base, mine);
    const wrong = jsonFaults().length + twice().length > 0;
    const ready = !busy && !wrong && (changes.length > 0 || action === "resend");
    patch(body, el("h2", { id: "editor-title" }, t(`${action}.title`)), el("p", { class: "soft" },
      t(action === "edit" ? "edit.text" : "resend.text")), failed(),
    changeList(theirs, t("edit.theirs")), fields(), bodyField(),
    changeList(changes, t("edit.changes"), (change) => set(without(mine, change))));
    patch(foot, warned && el("p", { class: "grow", role: "alert", key: "warned" }, t("edit.unsaved")),
      el("button", { class: "btn", type: "button", key: "back", on: { click: () => leave(dialog) } },
        t(warned ? "edit.discard" : "action.back")),
      el("button", { class: "btn btn-primary", type: "button", key: "save", disabled: !ready, on: { click: save } },
        t(`${action}.confirm`)));
  }

  function failed() {
    if (!trouble) return null;
    const elsewhere = faults.filter(({ pointer }) => !SHOWN.some((name) => faultsUnder([{ pointer }], name).length));
    return notice("bad", "warning", el("div", {}, el("p", {}, errorWords(trouble)), faultList(elsewhere),
      errorTrace(trouble)));
  }

  function fields() {
    const line = (name, label, extra = {}) => field({ name: `edit-${name}`, label, help: extra.help,
      faults: at(name), control: (attributes) => input({ ...attributes, ...extra.attributes }, mine[name],
        (text) => set({ [name]: text })) });
    const fixed = !["queued", "retrying"].includes(known.status) && action === "edit"; // times of an ended one stay
    const words = Object.fromEntries(["name", "value", "add", "remove"].map((word) => [word, t(`headers.${word}`)]));
    return [
      line("url", t("composer.url"), { attributes: { class: "mono", inputmode: "url" } }),
      el("div", { class: "form-3" },
        line("event", t("fact.event")),
        line("max_attempts", t("column.attempts"), { attributes: { inputmode: "numeric" } }),
        line("deliver_at", t("edit.deliver_at"), { help: t(fixed ? "edit.times_stay" : "edit.zone"),
          attributes: { type: "datetime-local", step: "1", disabled: fixed } })),
      pairs({ name: "edit-headers", label: t("fact.headers"), items: mine.headers, words, faults: at("headers"),
        faultsOf: (name) => at("headers", name), change: (headers) => set({ headers }) }),
    ];
  }

  function bodyField() {
    if (mine.body === null) return el("p", { class: "help", key: "edit-body" }, t("edit.body_apart"));
    const wrong = [...jsonFaults(), ...at("payload"), ...at("body")];
    return field({ name: "edit-body", label: t("body.title"), faults: wrong,
      control: (attributes) => el("textarea", { ...attributes, class: "input mono", rows: 8, spellcheck: "false",
        value: mine.body, on: { input: (event) => set({ body: event.target.value }) } }) });
  }

  async function save() {
    [busy, trouble, faults, theirs] = [true, null, [], []];
    draw();
    const asked = { body: patchOf(changesOf(base, mine), isJson()) };
    try {
      const answer = await (action === "edit" ? amend(path, { ...asked, version: known.version })
        : post(`${path}/resend`, asked));
      dialog.close();
      return done(answer);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!dialog.isConnected) return toast(errorWords(error), "warning");
      [trouble, faults] = [error, error.errors];
      if (error.status === 412) await rebase();
    }
    busy = false;
    return draw();
  }

  // Somebody was faster: what they did is shown, mine is laid over it, and goes out when it is asked for again.
  async function rebase() {
    try {
      known = await get(path);
      const newer = revisionOf(known, await bodyOf(known));
      theirs = changesOf(base, newer);
      [base, mine] = [newer, over(base, mine, newer)];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble = error;
    }
  }

  const dialog = openDialog({ class: "dialog dialog-wide", "aria-labelledby": "editor-title" }, body, foot);
  dialog.addEventListener("cancel", (event) => {
    if (warned || !changesOf(base, mine).length) return;
    event.preventDefault();
    warned = true;
    draw();
  });
  draw();
  body.querySelector("input").focus();
}

// Its text; null for what is no text, or too long to be edited in a page.
async function bodyOf({ id, size }) {
  if (!size) return "";
  if (size > LARGEST) return null;
  return textOf(await getBytes(`/tasks/${encodeURIComponent(id)}/body`, { limit: LARGEST }));
}
