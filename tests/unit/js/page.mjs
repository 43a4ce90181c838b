// As much of a browser's document as modules need that put a text somewhere; it is there once this is imported.
class Node {
  constructor(name, text = "") {
    Object.assign(this, { name, text, children: [], attributes: {} });
  }

  get textContent() {
    return this.text + this.children.map(({ textContent }) => textContent).join("");
  }

  append(...children) {
    this.children.push(...children.map((child) => (child instanceof Node ? child : new Node("#text", child))));
  }

  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }
}

const document = { documentElement: { lang: "en", dataset: {} }, createElement: (name) => new Node(name),
  createElementNS: (_, name) => new Node(name), querySelector: () => null };
const kept = new Map();
const localStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value),
  removeItem: (name) => kept.delete(name) };
Object.assign(globalThis, { Node, document, localStorage });
