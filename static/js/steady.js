// Lists that are sorted by what changes: while somebody is at one, its rows stay where they are.

/**
 * `order(items, keyOf)` gives the items sorted as they come, or, while the pointer, the focus or a dialog is at a table
 * below `element` that `selector` names, in the order in which they were shown last; what is new comes after them.
 */
export function steadyRows(element, selector) {
  let places = new Map();

  function isBusy() {
    return document.querySelector("dialog[open]") !== null
      || element.querySelector(`:is(${selector}):is(:hover, :focus-within)`) !== null;
  }

  return function order(items, keyOf) {
    const place = (item) => places.get(keyOf(item)) ?? places.size;
    const shown = isBusy() ? items.toSorted((one, other) => place(one) - place(other)) : items;
    places = new Map(shown.map((item, at) => [keyOf(item), at]));
    return shown;
  };
}
