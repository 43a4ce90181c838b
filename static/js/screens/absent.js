// A path that stands for nothing.
import { empty } from "../block.js";
import { el } from "../dom.js";
import { t } from "../message.js";
import { href } from "../router.js";

export function make() {
  const link = (name) => el("a", { class: "btn", href: href(name) }, t(`nav.${name}`));
  const says = empty("search", t("absent.title"), t("absent.text"), link("overview"), link("tasks"));
  return {
    element: el("section", { class: "card" }, says),
    title: () => t("absent.heading"),
    load: async () => true,
  };
}
