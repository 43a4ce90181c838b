"""The page's session in a real browser: who signs in once may act, and a page of another site may not in his name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from playwright.async_api import Page, expect

from tests.support.browser import PLAIN, chromium, watching
from tests.support.ledger import Answer, Ledger, listening
from tests.support.service import serving

TOKEN = "oky_secret-of-a-test"
VIEWERS = "oky_another-secret"
ROLES = ("anna operator", "olga viewer")
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
# All that a script of the page could find again.
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, history.state])"
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
        await page.goto(f"{service.url}/sign-in")
        await page.get_by_label("Access token").fill("oky_wrong")
        await page.get_by_role("button", name="Sign in", exact=True).last.click()
        await expect(page.get_by_role("alert")).to_contain_text("Sign in with an access token")
        assert await page.evaluate(CALL, ["POST", "/api/v1/tasks", TASK]) == 401
        await page.get_by_label("Access token").fill(TOKEN)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        await expect(page.locator(".live-text")).to_have_text("Live")
        await expect(page.locator(".who")).to_have_text("anna · operator")
        assert await page.evaluate("document.cookie") == ""
        assert TOKEN not in await page.evaluate(KEPT)
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
        await page.locator(".who button").first.click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        assert await page.evaluate(CALL, ["POST", "/api/v1/tasks", TASK]) == 401
        assert watched.wrong == []


def tokens_of(directory: Path) -> dict[str, dict[str, str]]:
    """Settings with an operator and a viewer."""
    tokens = directory / "tokens"
    tokens.touch(0o600)
    digests = (hashlib.sha256(token.encode()).hexdigest() for token in (TOKEN, VIEWERS))
    tokens.write_text("".join(f"{who} {digest}\n" for who, digest in zip(ROLES, digests, strict=True)))
    return {"auth": {"tokens_file": str(tokens)}}


async def give(page: Page, token: str) -> None:
    """Sign in by the dialog."""
    dialog = page.get_by_role("dialog", name="Sign in")
    await dialog.get_by_label("Access token").fill(token)
    await dialog.get_by_role("button", name="Sign in").click()
    await expect(dialog).to_have_count(0)


async def test_a_form_survives_the_end_of_the_session_and_is_sent_again(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, tokens_of(tmp_path), name=PLAIN) as service,
        chromium() as browser,
        watching(browser, service.url) as watched,
    ):
        page = watched.page
        watched.expect_statuses(401)
        await page.goto(f"{service.url}/tasks")
        await give(page, TOKEN)
        await expect(page.locator("main")).to_contain_text("No task yet")
        await expect(page.locator(".live-text")).to_have_text("Live")
        await page.get_by_role("banner").get_by_role("link", name="New task").click()
        await page.get_by_label("Recipient URL").fill("http://127.0.0.1:1/")
        await page.get_by_label("Event").fill("kept.in.the.form")
        await page.context.clear_cookies()
        await page.get_by_role("button", name="Create task").click()
        await expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()
        await expect(page.get_by_label("Event")).to_have_value("kept.in.the.form")
        await give(page, TOKEN)
        await expect(page.locator(".task-head")).to_contain_text("kept.in.the.form")
        assert len(await page.evaluate(TASKS)) == 1


async def test_whoever_closes_the_dialog_is_not_asked_again_and_again(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, tokens_of(tmp_path), name=PLAIN) as service,
        chromium() as browser,
        watching(browser, service.url, lang="ru") as watched,
    ):
        page = watched.page
        watched.expect_statuses(401)
        await page.goto(f"{service.url}/tasks")
        dialog = page.get_by_role("dialog", name="Вход")
        await expect(dialog).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("main").get_by_role("alert")).to_contain_text("Войдите с токеном доступа")
        async with page.expect_response(lambda answer: answer.status == 401):
            pass
        await expect(dialog).to_have_count(0)
        await page.locator(".who button").first.click()
        await page.locator(".who .menu").get_by_role("button", name="Войти").click()
        await dialog.get_by_label("Токен доступа").fill(TOKEN)
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_contain_text("Задач пока нет")


async def test_a_viewer_is_told_what_he_may_not_do_and_the_service_refuses_it_too(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, tokens_of(tmp_path), name=PLAIN) as service,
        chromium() as browser,
        watching(browser, service.url) as watched,
    ):
        page = watched.page
        watched.expect_statuses(401, 403)
        await page.goto(f"{service.url}/tasks")
        await give(page, TOKEN)
        assert await page.evaluate(CALL, ["POST", "/api/v1/tasks", TASK]) == 202
        await page.locator(".who button").first.click()
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_label("Access token").fill(VIEWERS)
        await page.keyboard.press("Enter")
        await expect(page.locator(".who")).to_have_text("olga · viewer")
        create = page.get_by_role("banner").get_by_role("button", name="New task")
        await expect(create).to_have_attribute("aria-disabled", "true")
        await expect(create).to_have_attribute("title", "Your role can't do this")
        await page.keyboard.press("g")
        await page.keyboard.press("t")
        await page.locator(".tasks .c-id a").click()
        cancel = page.get_by_role("button", name="Cancel…")
        await expect(cancel).to_have_attribute("title", "Your role can't do this")
        (task,) = await page.evaluate(TASKS)
        assert await page.evaluate(CALL, ["POST", f"/api/v1/tasks/{task['id']}/cancel", "{}"]) == 403
        assert await page.evaluate(CALL, ["POST", "/api/v1/tasks", TASK]) == 403
