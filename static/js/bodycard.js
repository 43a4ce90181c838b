// The payload of a task: its exact bytes, laid out, raw, or one by one.
import { address, getBytes } from "./api.js";
import { block } from "./block.js";
import { textOf, visible } from "./bytes.js";
import { copyAndSay, copyButton } from "./clipboard.js";
import { jsonText } from "./code.js";
import { curlOf } from "./curl.js";
import { el, patch } from "./dom.js";
import { bytes } from "./format.js";
import { hexLines } from "./hex.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { pretty } from "./payload.js";
import { resource } from "./resource.js";

const MOST = 256 * 1024; // bytes shown; the rest is for the download

const MOST_HEX = 16 * 1024; // bytes shown one by one

/** {element, show(task), copyCurl()}: the bytes are asked for anew when an edit may have changed them. */
export function bodyCard(id, signal) {
  const element = el("section", { class: "card" });
  const path = `/tasks/${encodeURIComponent(id)}/body`;
  const body = resource(() => getBytes(path, { limit: MOST, signal }), draw);
  let task = null;
  let chosen = null;

  function draw() {
    const { size, erased_at: erased } = task;
    const data = body.data;
    const cut = data !== null && size > data.length;
    const text = data && textOf(data, cut);
    const laidOut = typeof text === "string" && pretty(text, cut)?.length > 0;
    const views = [laidOut && "pretty", typeof text === "string" && "raw", "hex"].filter(Boolean);
    const view = views.includes(chosen) ? chosen : views[0];
    patch(element, head(views, view, text, cut), erased && el("p", { class: "card-body soft" }, t("body.erased")),
      size > 0 && !erased && block(body, () => content(view, text, cut), 4));
  }

  function head(views, view, text, cut) {
    const { size, erased_at: erased } = task;
    const kind = size && !erased ? (cut ? "first" : "exact") : "none";
    const scope = t(`body.${kind}`, { size: bytes(size ?? 0), shown: bytes(MOST) });
    return el("div", { class: "card-head" }, el("h2", {}, t("body.title")), el("span", { class: "scope" }, scope),
      size > 0 && !erased && el("div", { class: "end" }, body.data && segments(views, view),
        typeof text === "string" && !cut && copyButton(text),
        el("button", { class: "btn btn-sm", type: "button", on: { click: copyCurl } }, t("body.curl")),
        el("a", { class: "btn btn-sm", href: address(path), download: `${id}.body` }, icon("download", "sm"),
          t("body.download"))));
  }

  function segments(views, view) {
    const segment = (each) => el("button", { type: "button", "aria-pressed": String(each === view), on: { click: () => {
      chosen = each;
      draw();
    } } }, t(`body.${each}`));
    return el("div", { class: "segments", role: "group", "aria-label": t("body.view") }, views.map(segment));
  }

  function content(view, text, cut) {
    if (view !== "hex") {
      return el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0", key: view },
        view === "pretty" ? jsonText(text, cut) : visible(text));
    }
    const first = body.data.subarray(0, MOST_HEX);
    return [el("pre", { class: "pre pre-flat", tabindex: "0", key: view }, hexLines(first).join("\n")),
      task.size > first.length && el("p", { class: "card-foot" }, t("body.first", { size: bytes(task.size),
        shown: bytes(first.length) }))];
  }

  async function copyCurl() {
    const whole = body.data !== null && task.size === body.data.length;
    await copyAndSay(curlOf(task, whole ? textOf(body.data) : null));
  }

  return {
    element,
    copyCurl,
    show(known) {
      const changed = task?.version !== known.version || task.size !== known.size;
      task = known;
      draw();
      if (changed && task.size > 0 && !task.erased_at) body.load();
    },
  };
}
