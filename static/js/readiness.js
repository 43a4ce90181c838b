// Why the service is not ready, as /readyz has it.
import { outside } from "./api.js";
import { bytes } from "./format.js";
import { has, t } from "./message.js";

/** The reasons, each {code, detail, params}; none where they can't be had: that it is not ready is known without. */
export async function reasonsNotReady(signal) {
  try {
    const answer = await fetch(outside("/readyz"), { signal, cache: "no-store" });
    return (await answer.json()).reasons ?? [];
  } catch {
    return [];
  }
}

/** They in words. */
export function reasonWords(reasons) {
  return reasons.map(({ code, detail, params }) => {
    const sizes = Object.entries(params).filter(([name]) => name.endsWith("free"));
    const key = `ready.${code}${sizes.length > 1 ? "_bound" : ""}`;
    if (!has(key)) return detail;
    const why = `ready.why_${params.reason ?? code}`;
    return t(key, { ...Object.fromEntries(sizes.map(([name, size]) => [name, bytes(size)])),
      why: has(why) ? t(why) : params.reason });
  }).join(" ");
}
