// A filter in words, in both languages; a command for a shell.
import assert from "node:assert/strict";
import { test } from "node:test";

import { curlOf } from "../../../static/js/curl.js";
import en from "../../../static/js/en.js";
import { fromParams } from "../../../static/js/filter.js";
import { inWords } from "../../../static/js/filterwords.js";
import { use } from "../../../static/js/message.js";
import ru from "../../../static/js/ru.js";

process.env.TZ = "UTC";
const said = (text) => inWords(fromParams(new URLSearchParams(text)));

test("each condition has its words, several values are joined by or", () => {
  use("en", en);
  assert.equal(said(""), "all tasks");
  assert.equal(said("status=failed,retrying&code=503"), "Status: Failed or Retrying · Last code: 503");
  assert.equal(said("label.tenant=acme&q=x+%22a+b%22"), "tenant: acme · Text: x · Text: \"a b\"");
  assert.equal(said("created_from=-24h&attempts_from=3"), "accepted since 24 h ago · attempts: 3 or more");
  assert.equal(said("finished_to=2026-11-24T00:00:00Z"), "finished before 24 Nov 2026, 00:00:00.000");
  assert.equal(said("held=true&reason=expired&error=dns"),
    "Held or paused: yes · Reason: expired · Last failure: name not resolved");
  use("ru", ru);
  assert.equal(said("group=failed&order_key=7"), "Группа: Не доставлены · Ключ порядка: 7");
});

test("every condition that a URL can say has words in both languages", () => {
  for (const [lang, dictionary] of [["en", en], ["ru", ru]]) {
    use(lang, dictionary);
    for (const name of ["group", "status", "reason", "method", "destination", "source", "event", "code", "error",
      "parent", "created_from", "created_to", "finished_from", "finished_to", "due_before", "attempts_from",
      "order_key", "held"]) {
      assert.doesNotMatch(said(`${name}=1`), /filter\.|fact\./, name);
    }
  }
});

test("what would be seen as something else is shown escaped", () => {
  use("en", en);
  assert.equal(said("event=a%E2%80%AEb"), "Event: a\\u202eb");
});

test("a task as a command: verb, address, headers, body, each quoted for the shell", () => {
  const task = { http_method: "PUT", url: "http://a/b?c=d", headers: { "X-A": "it's" }, content_type: "text/plain",
    size: 2 };
  assert.equal(curlOf(task, "x y"), "curl -sS -X PUT 'http://a/b?c=d' \\\n  -H 'X-A: it'\\''s' \\\n"
    + "  -H 'Content-Type: text/plain' \\\n  --data-binary 'x y'");
  assert.match(curlOf(task, null), /--data-binary @body$/);
  assert.equal(curlOf({ http_method: "GET", url: "http://a/", headers: null, size: 0 }, null), "curl -sS -X GET http://a/");
});
