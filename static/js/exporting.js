// Taking all tasks of a filter along as a file: first how many there are, then the stream.
import { ApiError, get, getBlob } from "./api.js";
import { block, errorWords, notice } from "./block.js";
import { openDialog } from "./dialog.js";
import { el, patch } from "./dom.js";
import { conditions } from "./filter.js";
import { inWords } from "./filterwords.js";
import { bytes, number } from "./format.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { resource } from "./resource.js";

const FORMS = { ndjson: "application/x-ndjson", csv: "text/csv" };

/** Ask in which form the tasks of `filter` are wanted, and save them. */
export function openExport(filter) {
  const left = new AbortController();
  const query = conditions(filter);
  const body = el("div", { class: "dialog-body" });
  const foot = el("div", { class: "dialog-foot" });
  const counted = resource(() => get("/tasks/count", { query, signal: left.signal }), draw);
  let came = null; // bytes, while it runs
  let trouble = null;

  function draw() {
    patch(body, el("h2", { id: "export-title" }, t("export.title")), trouble && notice("bad", "warning",
      el("span", {}, errorWords(trouble))), block(counted, content, 2));
    patch(foot, el("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, t("action.back")),
      Object.keys(FORMS).map((form) => el("button", { class: "btn btn-primary", type: "button",
        disabled: came !== null || !counted.data?.total, on: { click: () => save(form) } }, icon("download"),
      form.toUpperCase())));
  }

  function content({ total, exact }) {
    const count = exact ? number(total) : t("tasks.at_least", { count: total });
    return el("dl", { class: "plan" },
      el("dt", {}, t("plan.count")), el("dd", {}, el("b", {}, count)),
      el("dt", {}, t("plan.filter")), el("dd", {}, inWords(filter)),
      came !== null && [el("dt", {}, t("fact.size")), el("dd", {}, bytes(came))]);
  }

  async function save(form) {
    const running = (size) => {
      came = size;
      draw();
    };
    trouble = null;
    running(0);
    try {
      const order = filter.oldest ? [["order", "oldest"]] : [];
      const asked = { query: [...query, ...order], accept: FORMS[form], signal: left.signal, came: running };
      hand(await getBlob("/tasks", asked), `tasks.${form}`);
      dialog.close();
    } catch (error) {
      if (left.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      trouble = error;
    }
    came = null;
    draw();
  }

  const dialog = openDialog({ class: "dialog", "aria-labelledby": "export-title" }, body, foot);
  dialog.addEventListener("close", () => left.abort());
  draw();
  counted.load();
}

function hand(blob, name) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
