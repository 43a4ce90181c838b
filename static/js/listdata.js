// What the list of tasks knows: its rows, the counts of its tabs, which destinations send nothing, how many are new.
import { get } from "./api.js";
import { fromParams, matchesStatus } from "./filter.js";
import { now } from "./moment.js";
import { resource } from "./resource.js";
import { groupOf } from "./status.js";
import { freshCount, loadPage, refreshPage } from "./tasklist.js";
import { taskNews } from "./tasknews.js";
import { askCounts, counted } from "./tasktabs.js";

/**
 * `draw` is called whenever something is to be shown anew, `free` when other rows take the place of those that are
 * shown. `filter` is what was asked for; while `moved`, the rows are still those of the filter before.
 */
export function listData({ query, signal, live, draw, free }) {
  const data = { filter: fromParams(query), moved: false, holds: new Map(), fresh: freshCount() };
  let anew = true; // the next answer replaces the rows
  let recount = false; // the stream does not know how many are new

  data.list = resource(async () => {
    const asked = data.filter;
    const known = data.list.data;
    const page = anew ? await loadPage(asked, signal) : await refreshPage(known, asked, signal);
    if (asked !== data.filter) return data.list.data; // an answer to the filter before
    if (anew || recount || !live.tells()) data.fresh.loaded(page.fresh, { anew, recount });
    if (anew) free();
    anew = recount = data.moved = false;
    return page;
  }, () => {
    draw();
    live.tune(); // other rows, or another filter
  });
  const counts = resource(() => askCounts(data.filter, counts.data, signal, now()), draw);
  const stopped = resource(() => get("/destinations", { signal, query: { state: "held,paused", limit: 200 } }), () => {
    data.holds = new Map(stopped.data?.items.map((each) => [each.key, each]));
    draw();
  });
  const news = taskNews({ data, counts, stopped, draw, lost: () => {
    recount = true;
  } });

  /** The counts of what is asked for but for group and status, or null. */
  data.known = () => (counts.data?.of === counted(data.filter) ? counts.data : null);

  /** The counts of what the whole filter finds, group and status included, or null. */
  data.matching = () => {
    if (!data.known()) return null;
    const { by_status: all, exact } = data.known();
    return { exact, by_status: Object.fromEntries(Object.entries(all)
      .filter(([status]) => matchesStatus(data.filter, status, groupOf))) };
  };

  data.load = async () => {
    const answers = Promise.all([data.list.load(), counts.load()]);
    stopped.load(); // without it the list is only less telling
    return (await answers).every(Boolean);
  };

  /** Another filter is asked for. */
  data.move = (next) => {
    data.filter = fromParams(next);
    anew = data.moved = true;
  };

  /** The new tasks are to be seen. */
  data.renew = () => {
    anew = true;
    return data.list.load();
  };

  return Object.assign(data, { told: news.told, leave: news.stop });
}
