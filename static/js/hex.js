// Bytes as people read them: offset, sixteen values, their characters.

const WIDTH = 16;

/** Lines of a dump. */
export function hexLines(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const row = [...bytes.subarray(at, at + WIDTH)];
    const values = row.map((value) => value.toString(16).padStart(2, "0"));
    const halves = [values.slice(0, WIDTH / 2).join(" "), values.slice(WIDTH / 2).join(" ")].join("  ");
    const characters = row.map((value) => (value > 31 && value < 127 ? String.fromCharCode(value) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${halves.padEnd(WIDTH * 3)}  ${characters}`);
  }
  return lines;
}
