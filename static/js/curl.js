// A call of the API as a line for a shell.

/** A text as one word of a POSIX shell. */
export function quote(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The curl command that posts a JSON text. */
export function curlPost(url, body) {
  return `curl -sS ${quote(url)} \\\n  -H 'Content-Type: application/json' \\\n  --data-binary ${quote(body)}`;
}

/** The curl command that sends what a task sends; `text` is its body, or null if that is no text. */
export function curlOf({ http_method: verb, url, headers, content_type: type, size }, text) {
  const given = Array.isArray(headers) ? headers : Object.entries(headers ?? {});
  const lines = [...given, ...(type && size ? [["Content-Type", type]] : [])]
    .map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  if (size) lines.push(`--data-binary ${text === null ? "@body" : quote(text)}`);
  return [`curl -sS -X ${verb} ${quote(url)}`, ...lines].join(" \\\n  ");
}
