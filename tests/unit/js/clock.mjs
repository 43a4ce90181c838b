// A clock for tests: time passes when they say so.

/** {now, setTimeout, clearTimeout, pass(ms)}: `pass` runs what is due, in its order, and lets promises go on. */
export function testClock() {
  let time = 0;
  let number = 0;
  const due = new Map();
  const settle = () => new Promise((done) => setImmediate(done));
  return {
    now: () => time,
    setTimeout(run, ms) {
      due.set((number += 1), { run, at: time + ms });
      return number;
    },
    clearTimeout: (id) => due.delete(id),
    get waiting() {
      return due.size;
    },
    async pass(ms) {
      const end = time + ms;
      await settle();
      for (;;) {
        const [next] = [...due].filter(([, { at }]) => at <= end).sort(([, one], [, other]) => one.at - other.at);
        if (!next) break;
        const [id, { run, at }] = next;
        due.delete(id);
        time = at;
        run();
        await settle();
      }
      time = end;
    },
  };
}
