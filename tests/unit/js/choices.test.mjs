// How the page is read: a language is kept only if there is one.
import assert from "node:assert/strict";
import { test } from "node:test";

import "./page.mjs";

const { choice } = await import("../../../static/js/choice.js");
const { chooseLanguage } = await import("../../../static/js/choices.js");
const { load, t } = await import("../../../static/js/message.js");
const { toastRegion } = await import("../../../static/js/toast.js");

test("a language that can't be had is said, not kept, and the one before stays", async () => {
  await load("en");
  await chooseLanguage("xx");
  assert.equal(choice("lang"), null);
  assert.equal(document.documentElement.lang, "en");
  assert.equal(toastRegion().textContent, t("error.part"));
});
