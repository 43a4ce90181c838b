// The way to a plan: its code is loaded when one is asked for.
import { bringDialog } from "./late.js";

/** Plan an action on many tasks; see plan.js. */
export function openPlan(asked) {
  return bringDialog(() => import("./plan.js"), "many", (code) => code.openPlan(asked));
}
