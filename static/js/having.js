// The way to the tasks that have the same values as one, without the code of filters. Pure.

/** The parameters of a list of tasks that have each value of {name: value} as it is: one with commas goes into `q`. */
export function having(values) {
  const all = Object.entries(values);
  const isPlain = ([, value]) => !/^\s|,|\s$/.test(value);
  const terms = all.filter((pair) => !isPlain(pair)).map(([name, value]) =>
    `${name.replace(/^label\.(.*)$/s, (_, label) => `label.${quoted(label)}`)}:${quoted(value)}`);
  return { ...Object.fromEntries(all.filter(isPlain)), ...(terms.length && { q: terms.join(" ") }) };
}

function quoted(text) {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
