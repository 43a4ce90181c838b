// The way to a plan: its code is loaded when one is asked for.
import { bring } from "./late.js";

/** Plan an action on many tasks; see plan.js. */
export async function openPlan(asked) {
  (await bring(() => import("./plan.js")))?.openPlan(asked);
}
