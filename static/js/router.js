// Which screen a path stands for, and moving between them without loading the page anew.

const ROUTES = [
  ["overview", "/"],
  ["tasks", "/tasks"],
  ["task", "/tasks/:id"],
  ["composer", "/new"],
  ["destinations", "/destinations"],
  ["bulk", "/bulk"],
  ["operation", "/bulk/:id"],
  ["methods", "/methods"],
  ["statuses", "/statuses"],
  ["parameters", "/parameters"],
  ["system", "/system"],
  ["signin", "/sign-in"],
];

/** The screen of a path (without prefix): {name, params}; "absent" for an unknown one. */
export function match(path) {
  const wanted = segments(path);
  for (const [name, pattern] of ROUTES) {
    const params = fit(segments(pattern), wanted);
    if (params) return { name, params };
  }
  return { name: "absent", params: {} };
}

/** The path of a screen, without prefix. */
export function pathOf(name, params = {}) {
  const [, pattern] = ROUTES.find(([known]) => known === name);
  return pattern.replace(/:(\w+)/g, (_, param) => encodeURIComponent(params[param]));
}

function segments(path) {
  return path.split("/").filter(Boolean);
}

function fit(pattern, wanted) {
  if (pattern.length !== wanted.length) return null;
  const params = {};
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decoded(wanted[index]);
    else if (part !== wanted[index]) return null;
  }
  return params;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The name of the screen that the address stands for, where the page is served at `base`. */
export function nameAt(base) {
  return match(below(base)).name;
}

function below(base, { pathname } = location) {
  return pathname.startsWith(base) ? pathname.slice(base.length) : pathname;
}

const MOST = 100; // entries that are kept: browsers have fewer
let prefix = "";

/** The address of a screen, with the query as URLSearchParams or an object. */
export function href(name, params = {}, query = {}) {
  const text = new URLSearchParams(query).toString();
  return `${prefix}${pathOf(name, params)}${text ? `?${text}` : ""}`;
}

/**
 * Follow links and the browser's buttons. `show(route, kept)` is called with {name, params, query} and, on the way
 * back, with what was kept of the entry: where it was scrolled to, and the key of the item that had the focus.
 * `near(name)` is told of a screen that somebody points at a link to: he may follow it soon.
 */
export function startRouter(servedAt, show, near) {
  prefix = servedAt;
  const kept = new Map(); // of entries of the history, by their number
  let entry = history.state?.entry ?? 0; // that of before, if the page was loaded anew
  history.scrollRestoration = "manual";
  history.replaceState({ ...history.state, entry }, "");

  const route = () => ({ ...match(below(prefix)), query: new URLSearchParams(location.search) });
  const keep = () => {
    const item = document.activeElement?.closest("[data-key]")?.dataset.key;
    kept.set(entry, { scroll: scrollY, item });
  };
  const go = (address, { replace = false } = {}) => {
    const url = withLanguage(new URL(address, location.href));
    keep();
    if (!replace) entry += 1; // those further on are gone
    kept.delete(entry - MOST);
    history[replace ? "replaceState" : "pushState"]({ entry }, "", url);
    show(route(), null);
  };

  addEventListener("popstate", (event) => {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close(); // they belong to what is left
    keep();
    entry = event.state?.entry ?? 0;
    show(route(), kept.get(entry) ?? null);
  });
  const linkOf = ({ target }) => target instanceof Element && target.closest("a[href]");
  const pointedAt = (event) => {
    const link = linkOf(event);
    if (link && isOurs(link)) near(match(below(prefix, link)).name);
  };
  document.addEventListener("pointerover", pointedAt);
  document.addEventListener("focusin", pointedAt);
  document.addEventListener("click", (event) => {
    const link = linkOf(event);
    if (!link || event.defaultPrevented || !isPlain(event) || !isOurs(link)) return;
    event.preventDefault();
    go(link.href);
  });
  show(route(), null);
  return { go, route };
}

// A language asked for in the address stays asked for.
function withLanguage(url) {
  const lang = new URLSearchParams(location.search).get("lang");
  if (lang && !url.searchParams.has("lang")) url.searchParams.set("lang", lang);
  return url;
}

function isPlain(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

// Links to places on this page (#main), downloads and other servers are the browser's business.
function isOurs(link) {
  const inside = link.pathname === prefix || link.pathname.startsWith(`${prefix}/`);
  return link.origin === location.origin && inside && !link.hash && !link.download && !link.target;
}
