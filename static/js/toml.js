// Parameters as config.toml would have them.

const BARE = /^[A-Za-z0-9_-]+$/;

/** Parameters as TOML, by section. What has no value, or must not be shown, stands in a comment. */
export function tomlOf(items) {
  return [...grouped(items)].map(([section, all]) => [`[${section}]`, ...all.map(line), ""].join("\n")).join("\n");
}

function grouped(items) {
  const groups = new Map();
  for (const item of items) groups.set(item.section, [...(groups.get(item.section) ?? []), item]);
  return groups;
}

function line({ name, section, value, secret }) {
  const key = name.startsWith(`${section}.`) ? name.slice(section.length + 1) : name;
  if (secret || value === null) return `# ${oneLine(key)} =`;
  return `${keyOf(key)} = ${literal(value)}`;
}

function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value && typeof value === "object") {
    return `{ ${Object.entries(value).map(([name, each]) => `${keyOf(name)} = ${literal(each)}`).join(", ")} }`;
  }
  return typeof value === "string" ? quoted(value) : String(value);
}

function keyOf(name) {
  return BARE.test(name) ? name : quoted(name);
}

// A string of JSON is one of TOML, but for DEL.
function quoted(text) {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function oneLine(text) {
  return text.replace(/[\u0000-\u001f\u007f]/g, " ");
}
