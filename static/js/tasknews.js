// What the stream of events tells the list of tasks: rows are changed in place, new tasks counted.
import { isNarrowed } from "./filter.js";
import { t } from "./message.js";
import { paced } from "./paced.js";
import { patched } from "./tasklist.js";
import { announce } from "./toast.js";

const COUNTS = 2_000; // ms between two times that the tabs are counted, at the least

/**
 * Takes the events: `told(name, event)`, until `stop()`. `data` is what the list knows, `counts` and `stopped` are
 * resources of it; `lost()` is called when the stream has lost count of new tasks.
 */
export function taskNews({ data, counts, stopped, lost, draw }) {
  const { list, fresh } = data;
  const counting = paced(counts.load, COUNTS);
  const heard = {
    task: (event) => {
      if (!list.data || data.moved) return;
      list.data = patched(list.data, event, data.filter);
      draw();
    },
    fresh: (event) => {
      const { filter, moved } = data;
      if (filter.cursor || filter.oldest || moved) return;
      if (list.data?.items.length === 0) return void list.load(); // nothing can move
      fresh.told(event);
      draw();
      announce(t("tasks.fresh_said", { count: fresh.now.count }));
    },
    opened: fresh.opened,
    closed: fresh.closed,
    resync: lost,
    stats: () => isNarrowed(data.filter) && counting.ask(),
    counts: () => isNarrowed(data.filter) || counts.load(), // the frame has asked
    destination: stopped.load,
  };
  return { told: (name, event) => void heard[name]?.(event), stop: counting.stop };
}
