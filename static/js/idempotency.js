// One key for each request that is meant once: pressing twice, or again after an answer that never came, makes one
// task; what was changed in between is another request.

/** `keyFor(text)` gives the key of a request: the same for the same text until `used()` says that it was answered. */
export function idempotency() {
  let last = null;
  return {
    keyFor(text) {
      if (last?.text !== text) last = { text, key: fresh() };
      return last.key;
    },
    used() {
      last = null;
    },
  };
}

// Not randomUUID, which browsers offer over HTTPS alone.
function fresh() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((value) => value.toString(16).padStart(2, "0")).join("");
}
