// Signing in over the page when the service wants to know who asks, so that what was begun there can go on.
import { ApiError, remove } from "./api.js";
import { errorWords } from "./block.js";
import { bring } from "./late.js";
import { href } from "./router.js";
import { toast } from "./toast.js";

let asked = null; // the dialog that is open: what becomes of it
let declined = false;

/**
 * Have somebody sign in; did he? Who has closed the dialog is not bothered by what the page asks by itself (`method`
 * GET) any more: he has a button.
 */
export function askToSignIn(method) {
  if (method === "GET" && declined) return false;
  asked ??= openIt().finally(() => {
    asked = null;
  });
  return asked;
}

async function openIt() {
  const code = await bring(() => import("./signin.js"), "boxes");
  const done = code !== null && await code.openSignIn();
  declined = !done;
  return done;
}

/** Sign out. The page is left altogether: nothing of what was seen or typed stays behind. */
export async function signOut() {
  try {
    await remove("/session");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return toast(errorWords(error), "warning");
  }
  location.assign(href("signin"));
}
