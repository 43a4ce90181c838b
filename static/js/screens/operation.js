// One bulk operation.
import { get } from "../api.js";
import { block, empty } from "../block.js";
import { el, patch } from "../dom.js";
import { fromJson, toParams } from "../filter.js";
import { icon } from "../icon.js";
import { t } from "../message.js";
import { title } from "../operation.js";
import { operationCard } from "../operationcard.js";
import { take } from "../progress.js";
import { resource } from "../resource.js";
import { href } from "../router.js";

export function make({ params: { id }, signal, live }) {
  const element = el("div", { class: "screen" });
  const bulk = resource(() => get(`/bulk/${encodeURIComponent(id)}`, { signal }), draw);
  const name = () => (bulk.data ? title(bulk.data) : t("nav.bulk"));

  function draw() {
    patch(element, bulk.error?.status === 404 ? missing() : block(bulk, content, 5));
  }

  function content(data) {
    return [
      operationCard(data, (after) => {
        take(after);
        return live.now();
      }, true),
      data.filter && el("p", { key: "tasks" }, el("a", { href: href("tasks", {}, toParams(fromJson(data.filter))) },
        t("bulk.tasks_of_filter"))),
    ];
  }

  function missing() {
    return el("section", { class: "card" }, empty("bulk", t("error.not_found"), null,
      el("a", { class: "btn", href: href("bulk") }, t("nav.bulk"))));
  }

  return {
    element,
    title: name,
    heading: () => el("div", { class: "crumbs" }, el("a", { href: href("bulk") }, t("nav.bulk")), icon("right", "sm"),
      el("h1", { tabindex: "-1", class: "cut" }, name())),
    load: bulk.load,
    wish: () => ({ topics: ["bulk"] }),
    told: (name, { items, more } = {}) => {
      const now = items?.find((each) => each.id === id);
      if (!now) return !more;
      bulk.data = now;
      draw();
      return true;
    },
  };
}
