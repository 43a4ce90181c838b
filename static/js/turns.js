// Which of the browser's windows have a stream. Browsers keep six connections to one service over HTTP/1.1: if more
// windows held one for good, nothing else would get through. Those that have begun one last keep it.
const MOST = 4;

/** `lost` is called when the stream has to be given up to windows that have begun one later. */
export function createTurns(lost, channel = new BroadcastChannel("okydrom.streams")) {
  const me = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const later = new Set();
  let mine = false;

  channel.onmessage = ({ data: { from, open } }) => {
    if (open) later.add(from);
    else later.delete(from);
    if (!mine || later.size < MOST) return;
    give();
    lost();
  };

  function give() {
    if (mine) channel.postMessage({ from: me, open: false });
    mine = false;
  }

  return {
    /** From now on this window has a stream, as the one that has begun it last. */
    take() {
      if (mine) return;
      mine = true;
      later.clear();
      channel.postMessage({ from: me, open: true });
    },
    give,
  };
}
