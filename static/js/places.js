// Which of the places that the bars name one is at.

/** The screens that stand below "Reference". */
export const REFERENCE = ["methods", "statuses", "parameters", "system"];

/** `aria-current` of the link to a screen. */
export function here({ route }, name) {
  const shown = { task: "tasks", operation: "bulk" }[route.name] ?? route.name;
  return shown === name ? "page" : null;
}

