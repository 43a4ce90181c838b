// The public API. Every failure, of the network or of the server, becomes one kind of error with a machine word.

const LONGEST_WAIT = 15_000;
let root = "/api/v1";
let unlock = null; // has somebody sign in
let unlocked = null;

/** Where the service stands: the prefix of all its paths. */
export function useApi(prefix) {
  root = `${prefix}/api/v1`;
}

/**
 * What to do when the service wants to know who asks: `ask(method)` says whether somebody has signed in then, `done` is
 * called once he has, and the call is made again.
 */
export function useSignIn(ask, done) {
  [unlock, unlocked] = [ask, done];
}

/** The address of a resource, for links. */
export function address(path, query) {
  const text = query ? new URLSearchParams(query).toString().replaceAll("%2C", ",") : ""; // lists stay short
  return `${root}${path}${text ? `?${text}` : ""}`;
}

/** The address of what stands beside the API: /openapi.json, /readyz. */
export function outside(path) {
  return root.replace(/\/api\/v1$/, path);
}

/** A call that failed. `code` is what it is worded by; `errors` are the faults of an input, by JSON pointer. */
export class ApiError extends Error {
  constructor({ status = 0, code, detail = "", params = {}, errors = [], requestId = null, retryAfter = null }) {
    super(code);
    Object.assign(this, { name: "ApiError", status, code, detail, params, errors, requestId, retryAfter });
  }
}

/** GET → the JSON of the answer. */
export function get(path, { query, signal } = {}) {
  return call("GET", path, { query, signal });
}

/** POST → the JSON of the answer. `body` is text that is JSON already; a version goes out as If-Match. */
export function post(path, asked = {}) {
  return send("POST", path, asked);
}

/** PATCH → the JSON of the answer. */
export function amend(path, asked = {}) {
  return send("PATCH", path, asked);
}

/** DELETE → the JSON of the answer. */
export function remove(path, asked = {}) {
  return send("DELETE", path, asked);
}

function send(method, path, { body, version, headers: given, query, signal }) {
  const headers = body === undefined ? { ...given } : { "Content-Type": "application/json", ...given };
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  return call(method, path, { body, headers, query, signal });
}

/** GET → all of a stream in the form `accept`, as a Blob; `came(bytes)` is told how much there is so far. */
export function getBlob(path, { query, accept, signal, came }) {
  return call("GET", path, { query, signal, headers: { Accept: accept }, endless: true, read: async ({ body }) => {
    const pieces = [];
    let size = 0;
    for (const reader = body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(pieces, { type: accept });
      pieces.push(value);
      came((size += value.length));
    }
  } });
}

/** GET → the first `limit` bytes of what is there. */
export async function getBytes(path, { limit, signal }) {
  const headers = { Accept: "*/*", Range: `bytes=0-${limit - 1}` };
  const buffer = await call("GET", path, { signal, headers, read: (response) => response.arrayBuffer() });
  return new Uint8Array(buffer).subarray(0, limit);
}

async function call(method, path, asked) {
  try {
    return await attempt(method, path, asked);
  } catch (error) {
    if (error.status !== 401 || path === "/session" || !(await unlock?.(method))) throw error;
    unlocked();
    return attempt(method, path, asked);
  }
}

// The mode stays the default: with mode "same-origin" browsers send "Origin: null" here, and the server refuses that.
async function attempt(method, path, asked) {
  const { query, body, headers = {}, signal, endless, read = jsonOf } = asked;
  const own = new AbortController();
  const leave = () => own.abort();
  const timer = endless ? null : setTimeout(() => own.abort(new DOMException("", "TimeoutError")), LONGEST_WAIT);
  if (signal?.aborted) leave();
  signal?.addEventListener("abort", leave);
  try {
    const request = { method, body, headers: { Accept: "application/json", ...headers }, cache: "no-store" };
    const response = await fetch(address(path, query), { ...request, signal: own.signal });
    if (!response.ok) throw await problemOf(response);
    return await read(response);
  } catch (error) {
    throw error instanceof ApiError ? error : failureOf(error, signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}

// An answer without content is null.
function jsonOf(response) {
  return response.status === 204 ? null : response.json();
}

/** Was the call given up by the page itself, because its screen was left? */
export function wasLeft(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** What the browser says when no answer came → an ApiError; a call that was left stays what it is. */
export function failureOf(error, signal) {
  if (signal?.aborted) return new DOMException("", "AbortError");
  return new ApiError({ code: error.name === "TimeoutError" ? "no_answer" : "network" });
}

/** An answer that is no success → an ApiError, whatever its body is. */
export async function problemOf(response) {
  const said = await response.json().catch(() => null);
  const problem = said && typeof said === "object" ? said : {};
  return new ApiError({
    status: response.status,
    code: typeof problem.code === "string" ? problem.code : `http_${response.status}`,
    detail: typeof problem.detail === "string" ? problem.detail : "",
    params: problem.params ?? {},
    errors: Array.isArray(problem.errors) ? problem.errors : [],
    requestId: problem.request_id ?? response.headers.get("X-Request-Id"),
    retryAfter: Number.parseInt(response.headers.get("Retry-After"), 10) || null,
  });
}
