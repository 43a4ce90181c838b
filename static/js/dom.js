// The only module that makes elements. Text goes in as text nodes alone, so nothing that is shown can become markup.
//
// Screens describe what they want to see afresh each time; `patch` changes what is there into it, keeping elements
// (and with them focus, scroll position, selection) wherever they are the same.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "selected", "indeterminate"]);
const OF_THE_READER = new Set(["open"]); // what is unfolded stays so
const handlers = new WeakMap();
const lazies = new WeakMap();

/** An element. `on` holds handlers by event; `key` names an item among its siblings; null and false are left out. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/**
 * A part of a long list: for `patch` alone, which makes its `children()` only where `memo`, a text of all that they
 * show, differs from that of the element which is there.
 */
export function lazy(name, attributes, memo, children) {
  const node = el(name, attributes);
  lazies.set(node, { memo, children });
  return node;
}

/** Put children (texts, nodes, nested lists of them) in place of what a node holds. */
export function swap(node, ...children) {
  node.replaceChildren(...flatten(children));
  return node;
}

/** Change the children of `node` into `children`, keeping what is the same. */
export function patch(node, ...children) {
  const fresh = document.createDocumentFragment();
  fresh.append(...flatten(children));
  patchChildren(node, fresh);
  return node;
}

function fill(node, attributes, children) {
  node.append(...flatten(children));
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") listen(node, value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else if (name === "key") node.setAttribute("data-key", value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

function flatten(children) {
  const known = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  return known.map((child) => (child instanceof Node ? child : String(child)));
}

// Handlers live beside the element, so that a kept element takes over those of its newest description.
function listen(node, on) {
  handlers.set(node, on);
  for (const type of Object.keys(on)) node.addEventListener(type, dispatch);
}

function dispatch(event) {
  handlers.get(event.currentTarget)?.[event.type]?.(event);
}

function patchChildren(old, fresh) {
  const keyed = new Map();
  for (const child of old.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  const kept = new Set([...fresh.childNodes].map(keyOf));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    while (place && keyOf(place) && !kept.has(keyOf(place))) place = without(place); // else others move, and lose focus
    const candidate = key ? keyed.get(key) : place;
    if (candidate && !(!key && keyOf(candidate)) && same(candidate, wanted)) {
      if (candidate !== place) old.insertBefore(candidate, place);
      patchNode(candidate, wanted);
      place = candidate.nextSibling;
    } else {
      for (const node of [wanted, ...(wanted.querySelectorAll?.("[data-key]") ?? [])]) unfold(node);
      old.insertBefore(wanted, place);
    }
  }
  while (place) place = without(place);
}

// Take a node out; the one after it.
function without(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function unfold(node) {
  const known = lazies.get(node);
  if (known && !node.hasChildNodes()) node.append(...flatten([known.children()]));
  return known;
}

function keyOf(node) {
  return node instanceof Element ? node.getAttribute("data-key") : null;
}

function same(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && keyOf(old) === keyOf(fresh);
}

function patchNode(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const described = fresh.value;
  const memo = lazies.get(fresh)?.memo;
  if (memo !== undefined && memo === lazies.get(old)?.memo) return;
  if (unfold(fresh)) lazies.set(old, lazies.get(fresh));
  patchChildren(old, fresh);
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OF_THE_READER.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  // What stands in a field is part of the description, unless somebody is typing there.
  if (old !== document.activeElement && "value" in old && old.value !== described) old.value = described;
  for (const name of ["checked", "indeterminate"]) {
    if (name in old && old[name] !== fresh[name]) old[name] = fresh[name];
  }
  const on = handlers.get(fresh);
  if (on) listen(old, on);
  else handlers.delete(old);
}
