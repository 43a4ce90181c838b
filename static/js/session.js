// Who looks at the page, and at which service.
import { get } from "./api.js";
import { age } from "./format.js";
import { t } from "./message.js";
import { follow, now } from "./moment.js";

let actor = true; // until it is known better: the service decides

/** May the reader change tasks? */
export function mayAct() {
  return actor;
}

/** {auth, name, role, allowed, lang, instance, version, started_at, now, ready} */
export async function loadSession(signal) {
  const session = await get("/session", { signal });
  actor = session.allowed.includes("act");
  const at = Date.parse(session.now);
  if (!Number.isNaN(at)) follow(at);
  return session;
}

/** How long the service has been running. */
export function uptime(session) {
  return t("session.uptime", { duration: age(now() - Date.parse(session.started_at)) });
}
