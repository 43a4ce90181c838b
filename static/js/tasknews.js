// What the stream of events tells the list of tasks: rows are changed in place, new tasks counted.
import { t } from "./message.js";
import { paced } from "./paced.js";
import { patched } from "./tasklist.js";
import { announce } from "./toast.js";

const COUNTS = 2_000; // ms between two times that the tabs are counted, at the least

/**
 * Takes the events: `told(name, data)`, until `stop()`. `list`, `counts` and `stopped` are the resources of the list,
 * `fresh` is the count of new tasks; `asked()` is {filter, moved}, `lost()` is called when the stream has lost count.
 */
export function taskNews({ list, counts, stopped, fresh, asked, lost, draw }) {
  const counting = paced(counts.load, COUNTS);
  const heard = {
    task: (data) => {
      const { filter, moved } = asked();
      if (!list.data || moved) return;
      list.data = patched(list.data, data, filter);
      draw();
    },
    fresh: (data) => {
      const { filter, moved } = asked();
      if (filter.cursor || filter.oldest || moved) return;
      if (list.data?.items.length === 0) return void list.load(); // nothing can move
      fresh.told(data);
      draw();
      announce(t("tasks.fresh_said", { count: fresh.now.count }));
    },
    opened: fresh.opened,
    closed: fresh.closed,
    resync: lost,
    stats: counting.ask,
    destination: stopped.load,
  };
  return { told: (name, data) => void heard[name]?.(data), stop: counting.stop };
}
