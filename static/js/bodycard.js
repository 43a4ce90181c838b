// The payload of a task: its exact bytes, laid out or raw.
import { address, getBytes } from "./api.js";
import { block } from "./block.js";
import { textOf, visible } from "./bytes.js";
import { copyButton } from "./clipboard.js";
import { jsonText } from "./code.js";
import { el, patch } from "./dom.js";
import { bytes } from "./format.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { pretty } from "./payload.js";
import { resource } from "./resource.js";

const MOST = 256 * 1024; // bytes shown; the rest is for the download

/** {element, show(task)}: the bytes are asked for once, as they never change. */
export function bodyCard(id, signal) {
  const element = el("section", { class: "card" });
  const path = `/tasks/${encodeURIComponent(id)}/body`;
  const body = resource(() => getBytes(path, { limit: MOST, signal }), draw);
  let size = null;
  let raw = false;

  function draw() {
    const data = body.data;
    const cut = data !== null && size > data.length;
    const text = data && textOf(data, cut);
    const laidOut = typeof text === "string" && pretty(text, cut)?.length > 0;
    patch(element, head(text, laidOut, cut), size > 0 && block(body, () => content(text, laidOut, cut), 4));
  }

  function head(text, laidOut, cut) {
    const kind = size ? (cut ? "first" : "exact") : "none";
    const scope = t(`body.${kind}`, { size: bytes(size ?? 0), shown: bytes(MOST) });
    return el("div", { class: "card-head" }, el("h2", {}, t("body.title")), el("span", { class: "scope" }, scope),
      size > 0 && el("div", { class: "end" }, laidOut && views(), typeof text === "string" && !cut && copyButton(text),
        el("a", { class: "btn btn-sm", href: address(path), download: `${id}.body` }, icon("download", "sm"),
          t("body.download"))));
  }

  function views() {
    const view = (wanted, text) => el("button", { type: "button", "aria-pressed": String(raw === wanted),
      on: { click: () => {
        raw = wanted;
        draw();
      } } }, text);
    return el("div", { class: "segments", role: "group", "aria-label": t("body.view") }, view(false, t("body.pretty")),
      view(true, t("body.raw")));
  }

  function content(text, laidOut, cut) {
    if (text === null) return el("p", { class: "card-body soft" }, t("body.binary"));
    return el("pre", { class: "pre pre-flat pre-wrap", tabindex: "0", key: String(raw) },
      laidOut && !raw ? jsonText(text, cut) : visible(text));
  }

  return {
    element,
    show(task) {
      const first = size === null;
      size = task.size;
      draw();
      if (first && size > 0) body.load();
    },
  };
}
