// Who looks at the page, and at which service.
import { get } from "./api.js";
import { age } from "./format.js";
import { t } from "./message.js";
import { follow, now } from "./moment.js";

let allowed = null; // until it is known: the service decides
let open = true;

/** May the reader change tasks? */
export function mayAct() {
  return allowed?.includes("act") ?? true;
}

/** Does the service ask for an access token? */
export function asksForToken() {
  return !open;
}

/** May he create tasks? */
export function mayCreate() {
  return allowed?.includes("create") ?? true;
}

/** May he see what others have made? Not until it is known. */
export function mayRead() {
  return allowed?.includes("read") ?? false;
}

/** {auth, name, role, allowed, lang, instance, version, started_at, now, ready}; role null: nobody has signed in. */
export async function loadSession(signal) {
  const session = await get("/session", { signal });
  ({ allowed } = session);
  open = session.auth === "none";
  const at = Date.parse(session.now);
  if (!Number.isNaN(at)) follow(at);
  return session;
}

/** Who it is, in words. */
export function whoWords({ auth, name, role }) {
  return auth === "none" ? t(`role.${role}`) : `${name} · ${t(`role.${role}`)}`;
}

/** How long the service has been running. */
export function uptime(session) {
  return t("session.uptime", { duration: age(now() - Date.parse(session.started_at)) });
}
