// A file that is to be sent. It is read at once: what is sent is what was chosen, whatever becomes of it on the disk.
import { toBase64, visibleLine } from "./bytes.js";
import { bytes } from "./format.js";
import { t } from "./message.js";
import { toast } from "./toast.js";

const LARGEST = 64 * 1024 * 1024; // bytes; no service takes a larger body
let latest = null;

/** {name, size, type, base64}; null if it can't be had, which is said, or if another was chosen meanwhile. */
export async function readFile(file) {
  latest = file;
  const { name, size, type } = file;
  try {
    if (size > LARGEST) return refuse(t("composer.file_large", { size: bytes(LARGEST) }));
    const base64 = toBase64(new Uint8Array(await file.arrayBuffer()));
    return latest === file ? { name, size, type, base64 } : null;
  } catch {
    return refuse(t("composer.file_unread", { name: visibleLine(name) }));
  }
}

function refuse(words) {
  toast(words, "warning");
  return null;
}
