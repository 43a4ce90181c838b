// Signing in, by a link or after one has signed out.
import { el, patch } from "../dom.js";
import { frame } from "../frame.js";
import { icon } from "../icon.js";
import { t } from "../message.js";
import { href } from "../router.js";
import { whoWords } from "../session.js";
import { signInForm } from "../signin.js";

export function make({ go, live }) {
  const form = signInForm(() => {
    go(href("overview"), { replace: true });
    live.anew();
  });
  const known = el("div");
  const element = el("section", { class: "card sign-in" },
    el("div", { class: "card-head" }, icon("user"), el("h2", {}, t("signin.title"))),
    el("div", { class: "card-body form" }, known, form));

  function draw() {
    const { session } = frame;
    if (session?.auth === "none") patch(known, el("p", { class: "soft" }, t("signin.open")));
    else if (session?.role) {
      patch(known, el("p", { class: "soft" }, t("signin.already", { who: whoWords(session) }), " ",
        el("a", { href: href("overview") }, t("nav.overview"))));
    } else patch(known, el("p", { class: "soft" }, t("signin.text")));
  }

  return {
    element,
    title: () => {
      draw();
      return t("signin.title");
    },
    load: async () => true,
  };
}
