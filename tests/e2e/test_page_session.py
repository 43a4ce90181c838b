"""The page's session in a real browser: who signs in once may act, and a page of another site may not in his name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from playwright.async_api import expect

from tests.support.browser import chromium, watching
from tests.support.ledger import Answer, Ledger, listening
from tests.support.service import serving

TOKEN = "oky_secret-of-a-test"
CALL = """
async ([verb, path, body]) => {
  const options = {method: verb, headers: {"Content-Type": "application/json"}, body};
  return (await fetch(path, options)).status;
}
"""
# What any page may have a browser send: the answer is kept from it, but the call is made, with the cookie there is.
FOREIGN = """
(url) => fetch(url, {method: "POST", mode: "no-cors", credentials: "include"}).catch(() => null)
"""
TASKS = "fetch('/api/v1/tasks').then((answer) => answer.json()).then(({items}) => items)"
TASK = json.dumps({"url": "http://127.0.0.1:1/", "retry": {"schedule": ["1h"]}})


async def test_who_has_signed_in_acts_and_another_site_does_not(tmp_path: Path) -> None:
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    tokens = tmp_path / "tokens"
    tokens.touch(0o600)
    tokens.write_text(f"anna operator {digest}\n")
    elsewhere = Ledger()
    elsewhere.answer = lambda _: Answer(200, headers={"Content-Type": "text/html"}, body=b"<title>x</title>")
    async with (
        listening(elsewhere),
        serving(tmp_path, {"auth": {"tokens_file": str(tokens)}}) as service,
        chromium() as browser,
        watching(browser, service.url) as watched,
    ):
        page = watched.page
        watched.expect_statuses(401)
        await watched.open("/tasks")
        await expect(page.locator("main")).to_contain_text("unauthorized")
        assert await page.evaluate(CALL, ["POST", "/api/v1/tasks", TASK]) == 401
        signed = ["POST", "/api/v1/session", json.dumps({"token": TOKEN})]
        assert await page.evaluate(CALL, signed) == 204
        assert await page.evaluate("document.cookie") == ""
        await watched.open("/tasks")
        assert await page.evaluate(CALL, ["POST", "/api/v1/tasks", TASK]) == 202
        await watched.open("/tasks")
        await expect(page.locator("main")).to_contain_text("127.0.0.1")
        (task,) = await page.evaluate(TASKS)
        cancel = f"/api/v1/tasks/{task['id']}/cancel"
        foreign = await page.context.new_page()
        for host in (
            "localhost",
            "127.0.0.1",
        ):  # another site; and the same on another port, which has the cookie
            await foreign.goto(elsewhere.url(host))
            await foreign.evaluate(FOREIGN, service.url + cancel)
        (task,) = await page.evaluate(TASKS)
        assert task["status"] in ("queued", "sending", "retrying")
        assert await page.evaluate(CALL, ["POST", cancel, "{}"]) in (200, 202)
        assert await page.evaluate(CALL, ["DELETE", "/api/v1/session", None]) == 204
        assert await page.evaluate(CALL, ["POST", "/api/v1/tasks", TASK]) == 401
        assert watched.wrong == []
