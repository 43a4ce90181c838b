// For a service that has no task yet: how the first ones are posted, with this page's address.
import { address } from "./api.js";
import { copyIcon } from "./clipboard.js";
import { quote } from "./curl.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { t } from "./message.js";
import { href } from "./router.js";
import { asksForToken } from "./session.js";

const TASK = '{"url": "https://recipient.example/hooks", "event": "user.created", "payload": {"id": 1}}';
const JSON_TYPE = "Content-Type: application/json";
const TOKEN = "Authorization: Bearer TOKEN"; // to be replaced by one's own

const LINES = {
  curl: (url) => curl(url, JSON_TYPE, quote(TASK)),
  Python: (url) => {
    const headers = Object.fromEntries([JSON_TYPE, ...token()].map((line) => line.split(": ")));
    const call = `Request("${url}", b"""${TASK}""", ${JSON.stringify(headers)})`;
    return `python3 -c 'from urllib.request import *; print(urlopen(${call}).read().decode())'`;
  },
  ndjson: (url) => `printf '%s\\n' ${quote(TASK)} ${quote(TASK.replace("1}}", "2}}"))} | `
    + curl(url, "Content-Type: application/x-ndjson", "@-"),
};

/** The block: three lines to copy, and the way to the form. */
export function firstRun() {
  const url = new URL(address("/tasks"), location.href).href;
  return [
    el("div", { class: "card-head" }, el("h2", {}, t("overview.first_run")), el("div", { class: "end" },
      el("a", { class: "btn btn-sm btn-primary", href: href("composer") }, icon("plus", "sm"), t("nav.new_task")))),
    Object.entries(LINES).map(([name, write]) => el("div", { class: "line-to-copy" },
      el("span", { class: "muted" }, name),
      el("pre", { class: "mono grow", tabindex: "0", "aria-label": name }, write(url)),
      copyIcon(write(url), t("overview.copy_line", { name })))),
  ];
}

function curl(url, type, data) {
  const headers = [type, ...token()].map((line) => `-H ${quote(line)}`).join(" ");
  return `curl -sS ${quote(url)} ${headers} --data-binary ${data}`;
}

function token() {
  return asksForToken() ? [TOKEN] : [];
}
