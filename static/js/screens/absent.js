// A path that stands for nothing.
//
// A screen is made by `make(page)` and is {element, title(), load(), heading?(), extra?(), moved?(query, back),
// leave?(), wish?(), told?(name, data)}:
// - `load` asks for everything it shows and says whether all was answered; `moved` takes a new query without being made
//   anew, and says whether that has to be asked for. `page.kept` and `back` say that one comes back to it.
// - `wish` says what it wants to hear of, as {topics, tasks, filter}: topics of the event stream, ids of tasks, and
//   with the topic "list" the parameters of its filter. It is asked after each `load`, and when the screen calls
//   `page.live.tune()`. What a screen without it hears of stands in wishes.js.
// - `told` takes an event of the stream that was wished for: its name, and its data. Unless it says true, the screen
//   is asked to `load` again, at most once in two seconds. It is also told "opened" (a stream has begun: what changed
//   since the last one is told), "closed", "resync": everything is about to be asked for again, and "counts": the frame
//   has counted the tasks anew.
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
