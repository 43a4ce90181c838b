// A new task: a form, the JSON and the curl command of the same call; what a dry run says of it; its creation, once.
import { ApiError, get, post } from "../api.js";
import { readFile } from "../chosenfile.js";
import { copyButton } from "../clipboard.js";
import { formFields } from "../composerform.js";
import { composerFoot, curlOfDraft, curlView, jsonView, keptNote, trouble, viewSegments } from "../composerviews.js";
import { el, patch } from "../dom.js";
import { emptyDraft, faultOfRequest, faultsOfDraft, isChanged, withFile } from "../draft.js";
import { dryRunCards, dryRunHint } from "../dryrun.js";
import { idempotency } from "../idempotency.js";
import { t } from "../message.js";
import { now } from "../moment.js";
import { fromBody, settled, toBody } from "../request.js";
import { resource } from "../resource.js";
import { href } from "../router.js";
import { toast } from "../toast.js";

const once = idempotency();
let draft = emptyDraft(); // kept while the page is open: to leave the form loses nothing
let redraw = null; // draws the form, while it is open
let taken = null; // the method that its address asked for

addEventListener("beforeunload", (event) => isChanged(draft) && event.preventDefault()); // the browser asks

export function make({ query, kept: back, signal, go }) {
  const element = el("div", { class: "grid-main" });
  const methods = resource(() => get("/methods", { signal }), draw);
  let kept = isChanged(draft); // something was left here
  let view = draft.written === null ? "form" : "json";
  let [faults, refusal] = [[], null];
  let busy = null; // dry or create
  let dry = null; // {answer, at, body}

  const chosen = () => methods.data?.items.find(({ name }) => name === draft.method);
  const unread = () => draft.written !== null && faultOfRequest(draft.written) !== null;
  const set = (part) => {
    draft = settled({ ...draft, ...part, written: null });
    kept = false;
    draw();
  };
  const method = query.get("method");
  const anew = redraw !== null && method === taken; // for another language or zone
  if (method && !back && !anew && !unread()) draft = { ...draft, method, written: null };
  [redraw, taken] = [draw, method];

  function draw() {
    patch(element, form(), el("aside", { class: "main-col" }, dry ? dryRun() : dryRunHint()));
  }

  function dryRun() {
    const verb = chosen()?.http_method ?? draft.method;
    const url = draft.url || chosen()?.url || "";
    return dryRunCards(dry.answer, { at: dry.at, stale: dry.body !== toBody(draft), verb, url });
  }

  // What can't be read changes the text alone: the fields stay as they were.
  function type(written) {
    draft = { ...draft, written };
    if (!unread()) draft = fromBody(written, draft);
    kept = false;
    draw();
  }

  function form() {
    const text = { json: toBody, curl: curlOfDraft }[view]?.(draft);
    return el("form", { class: "card", novalidate: true, on: { submit } },
      el("div", { class: "card-head" }, el("h2", {}, t("composer.title")), el("div", { class: "end" },
        text && copyButton(text), viewSegments(view, show))),
      kept && isChanged(draft) && keptNote(),
      trouble(refusal, faults, view === "form" ? draft : null),
      view === "form" ? el("div", { class: "card-body form", key: view },
        formFields({ draft, faults, methods: methods.data?.items, set, take, show }))
        : view === "json" ? jsonView(draft, type) : curlView(draft),
      composerFoot({ draft, busy, clear, tryOut }));
  }

  // What can't be read has no other view.
  function show(next) {
    if (!unread()) view = next;
    draw();
    if (view === "json") element.querySelector("textarea").focus();
  }

  async function take(file) {
    const read = await readFile(file);
    if (read) set(withFile(draft, read));
  }

  function tryOut() {
    return carry("dry", async (body) => {
      const answer = await post("/tasks", { body, query: { dry_run: 1 } });
      dry = { answer, at: now(), body };
      if (answer.errors.length) throw new ApiError({ code: "draft", errors: answer.errors });
      toast(t("dryrun.valid"));
    });
  }

  function submit(event) {
    event.preventDefault();
    return carry("create", async (body) => {
      const { id } = await post("/tasks", { body, headers: { "Idempotency-Key": `"${once.keyFor(body)}"` } });
      once.used();
      if (toBody(draft) === body) draft = emptyDraft(); // else another is being written
      redraw?.();
      toast(t("composer.created"));
      if (!signal.aborted) go(href("task", { id }));
    });
  }

  // One call at a time; whatever is refused, the form stays as it is.
  async function carry(what, call) {
    if (busy) return;
    faults = faultsOfDraft(draft);
    if (faults.length) return refuse(new ApiError({ code: "draft" }));
    [busy, refusal] = [what, null];
    draw();
    try {
      await call(toBody(draft));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      faults = error.errors;
      refusal = error;
    } finally {
      busy = null;
      draw();
    }
    if (refusal) refuse(refusal);
  }

  function refuse(error) {
    refusal = error;
    if (faults.length && view === "curl") view = "form";
    draw();
    element.querySelector("[aria-invalid], .notice")?.scrollIntoView({ block: "center" });
    element.querySelector("[aria-invalid]")?.focus();
  }

  function clear() {
    [faults, refusal, dry] = [[], null, null];
    set(emptyDraft());
    element.querySelector("#url, #request, .card-foot button").focus(); // this button is gone
  }

  const left = () => {
    if (redraw === draw) redraw = null; // else it was made anew at once
  };
  draw();
  return { element, title: () => t("nav.new_task"), load: methods.load, leave: () => setTimeout(left) };
}
