// The way to the form of a new task, for those who may make one.
import { el } from "./dom.js";
import { t } from "./message.js";
import { href } from "./router.js";
import { mayCreate } from "./session.js";
import { toast } from "./toast.js";

/** A link that looks like a button; to whom may not it says so. `query` is what the form begins with. */
export function createLink(kind, query, ...content) {
  if (mayCreate()) return el("a", { class: kind, href: href("composer", {}, query) }, content);
  const refused = t("refused.role");
  return el("button", { class: kind, type: "button", "aria-disabled": "true", title: refused,
    on: { click: () => toast(refused, "info") } }, content);
}
