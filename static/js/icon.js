// Icons from icons.svg; the brand's mark.
import { svg } from "./dom.js";

const FILE = new URL("../icons.svg", import.meta.url).pathname;

/** A decorative icon: what it means always stands beside it as text. */
export function icon(name, size = "") {
  const use = svg("use", { href: `${FILE}#i-${name}` });
  return svg("svg", { class: size ? `icon icon-${size}` : "icon", "aria-hidden": "true" }, use);
}

/** The mark of the product. */
export function mark() {
  const line = { fill: "none", stroke: "currentColor", "stroke-width": 2.5, "stroke-linecap": "round" };
  return svg(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true", ...line },
    svg("path", { d: "M7.6 5.2a8 8 0 1 1 0 13.6" }),
    svg("path", { d: "M2 9h6M2 15h6M5 12h8.5" }),
  );
}
