// Bytes from elsewhere, made safe to look at.

// Controls but tab and line end, what reorders or hides text, line separators, lone surrogates.
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

const PIECE = 0x4000; // arguments of one call

/** Text with every character that can't be seen, or that reorders its neighbours, written as an escape. */
export function visible(text) {
  return String(text).replace(UNSEEN, (character) => {
    const code = character.codePointAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/** The same on one line. */
export function visibleLine(text) {
  return visible(text).replace(/\n/g, "\\n").replace(/\t/g, "\\t");
}

/** Bytes → text, or null if they are no UTF-8. A character cut off at the end of a first part is left out. */
export function textOf(bytes, cut = false) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

/** Base64 → bytes. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text ?? ""), (character) => character.charCodeAt(0));
}

/** Bytes → base64. */
export function toBase64(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  return btoa(pieces.join(""));
}

/** How many bytes a text has as UTF-8. */
export function sizeOf(text) {
  return new TextEncoder().encode(text).length;
}
