// A call of the API as a line for a shell.

/** A text as one word of a POSIX shell. */
export function quote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The curl command that posts a JSON text. */
export function curlPost(url, body) {
  return `curl -sS ${quote(url)} \\\n  -H 'Content-Type: application/json' \\\n  --data-binary ${quote(body)}`;
}
