// The screens by name. The code of one is loaded when it is opened for the first time.
import { get } from "./api.js";

const AGAIN = 2_000; // ms

const SCREENS = {
  absent: () => import("./screens/absent.js"),
  bulk: () => import("./screens/bulk.js"),
  composer: () => import("./screens/composer.js"),
  destinations: () => import("./screens/destinations.js"),
  methods: () => import("./screens/methods.js"),
  operation: () => import("./screens/operation.js"),
  overview: () => import("./screens/overview.js"),
  parameters: () => import("./screens/parameters.js"),
  statuses: () => import("./screens/statuses.js"),
  task: () => import("./screens/task.js"),
  tasks: () => import("./screens/tasks.js"),
};

/**
 * What makes the screen of this name. If its code can't be had, the service is away or another version of it has
 * begun: once it answers, the page is loaded anew.
 */
export async function screenOf(name) {
  try {
    return (await SCREENS[name]()).make;
  } catch {
    await answers();
    location.reload();
    return new Promise(() => {}); // nothing of this page is needed any more
  }
}

async function answers() {
  for (;;) {
    try {
      await get("/session");
      return;
    } catch {
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}
