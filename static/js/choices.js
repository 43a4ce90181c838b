// How the page is read: its language, and the zone of its times. A change makes the open screen anew.
import { choice, keepChoice } from "./choice.js";
import { useUtc } from "./format.js";
import { load, t } from "./message.js";
import { toast } from "./toast.js";

let remake = null;

/** Take what was chosen before; `run(query)` makes the open screen anew, with another query if there is one. */
export function startChoices(run) {
  remake = run;
  useUtc(choice("zone") === "utc");
}

/** Speak another language from now on, whatever the address asks for. */
export async function chooseLanguage(lang) {
  try {
    await load(lang);
  } catch {
    return toast(t("error.part"), "warning");
  }
  keepChoice("lang", lang);
  document.documentElement.lang = lang;
  const url = new URL(location.href);
  url.searchParams.delete("lang");
  history.replaceState(history.state, "", url);
  await remake(url.searchParams);
}

/** Show times in UTC, or as the reader's clock does. */
export async function chooseZone(utc) {
  keepChoice("zone", utc ? "utc" : null);
  useUtc(utc);
  await remake();
}
