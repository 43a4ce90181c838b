"""Bulk operations in a real browser: chosen, planned, confirmed, watched, stopped, looked up later."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import PLAIN, watching
from tests.support.desk import Desk, desk
from tests.support.service import free_port, serving
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
SIDEWAYS = """
() => document.documentElement.scrollWidth > document.documentElement.clientWidth
  || [...document.querySelectorAll("dialog")].some((dialog) => dialog.scrollWidth > dialog.clientWidth)
"""
TOKEN = "oky_secret-of-a-test"
SIGN_IN = """
(token) => fetch("/api/v1/session", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({token})}).then((answer) => answer.status)
"""

# The answer that an operation has begun is kept back until letGo().
HOLD_ANSWER = """
() => {
  const { fetch } = window;
  window.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    if (String(asked[1]?.body).includes('"token"')) await new Promise((done) => { window.letGo = done; });
    return answer;
  };
}
"""


async def begun(at: Desk, **fields: Any) -> Any:
    """A bulk operation that somebody else has begun."""
    _, plan = await at.api.call("POST", "/bulk", {**fields, "dry_run": True})
    status, bulk = await at.api.call("POST", "/bulk", {**fields, "token": plan["token"]})
    assert status == 202, bulk
    return bulk


async def waiting(at: Desk, count: int) -> list[str]:
    """Ids of so many tasks that wait for their next attempt."""
    dead = f"http://127.0.0.1:{free_port()}/"
    return [await at.api.create(url=dead, event="e", retry={"schedule": ["1h"]}) for _ in range(count)]


async def test_all_that_match_are_retried_after_a_plan_and_told_when_done(at: Desk) -> None:
    page = at.page
    await at.failed(30, event="order.paid")
    other = await at.failed(1, event="other")
    await at.api.create(url=f"{at.recipient.url}/ok", event="order.paid")
    await at.watched.open("/tasks?event=order.paid&limit=25")
    await page.locator(".select-bar").get_by_role("checkbox").click()
    await page.get_by_role("button", name="Select all 31 by filter").click()
    await expect(page.locator(".select-bar")).to_contain_text("Selected all 31 that match the filter.")
    cancel = page.get_by_role("button", name="Cancel…")
    await expect(cancel).to_have_attribute("title", "The status of none of these allows it")
    await page.get_by_role("button", name="Clear").click()
    await page.locator(".tabs a", has_text="Failed").click()
    await expect(page).to_have_url(re.compile("group=failed&event=order.paid"))
    await expect(at.rows).to_have_count(25)
    await page.locator(".select-bar").get_by_role("checkbox").click()
    await page.get_by_role("button", name="Select all 30 by filter").click()
    await page.get_by_role("button", name="Retry…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text("Retry 30 tasks?")
    await expect(dialog).to_contain_text("Group: Failed · Event: order.paid")
    await expect(dialog.get_by_role("listitem")).to_have_count(5)
    assert (await at.api.get("/bulk"))["items"] == []
    await dialog.get_by_role("button", name="Retry 30 tasks").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("status")).to_contain_text("Done: 30 done, 0 skipped")
    await expect(page.locator(".select-bar")).to_contain_text("Select tasks to")
    await at.api.settles()
    assert len(await at.api.attempts(other[0])) == 1
    assert len(at.recipient.arrivals) == 30 + 1 + 1 + 30

    await page.get_by_role("link", name="Bulk operations").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bulk operations")
    row = page.locator(".refs tbody tr")
    await expect(row).to_contain_text("Retry")
    await expect(row).to_contain_text("group:failed event:order.paid")
    await expect(row.locator(".num")).to_have_text(["30", "30", "0"])
    await row.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=2)).to_have_text("Retry 30 tasks")
    await expect(page.locator(".badge")).to_have_text("Done")
    await page.get_by_role("link", name="The tasks of this filter now").click()
    await expect(page).to_have_url(f"{at.service.url}/tasks?group=failed&event=order.paid")


async def test_what_is_passed_over_is_said_before_and_after(at: Desk) -> None:
    page = at.page
    await at.failed(2)
    await at.api.create(url=f"{at.recipient.url}/hang")
    await at.watched.open("/tasks")
    await expect(at.rows.first).to_contain_text("Sending")
    await page.locator(".select-bar").get_by_role("checkbox").click()
    await page.get_by_role("button", name="Retry…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("3 selected tasks")
    await expect(dialog).to_contain_text("1: their status does not allow it")
    await dialog.get_by_role("button", name="Retry 2 tasks").click()
    await expect(page.get_by_role("status")).to_contain_text("2 done")


async def test_an_operation_that_runs_is_shown_on_every_page_and_stopped_there(at: Desk) -> None:
    page = at.page
    made = await waiting(at, 40)
    await begun(at, action="cancel", filter={"event": "e"}, rate=1)
    await at.watched.open("/statuses")
    bar = page.locator(".progress-bar")
    await expect(bar).to_contain_text("Cancel 40 tasks")
    await expect(bar).to_contain_text(re.compile(r"[1-9]\d? of 40"))
    await page.get_by_role("link", name="Destinations", exact=True).click()
    await expect(bar).to_be_visible()
    await page.goto(f"{at.service.url}/bulk")
    await expect(page.locator("main .badge")).to_have_text("Running")
    await expect(page.locator("main .card-foot")).to_contain_text("Nothing is rolled back.")
    await bar.get_by_role("button", name="Stop").click()
    await expect(page.get_by_role("status")).to_contain_text("Stopped:")
    await expect(page.get_by_role("status")).to_contain_text("What is done stays.")
    await expect(bar).to_have_count(0)
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.locator(".refs tbody tr .badge")).to_have_text("Stopped")
    (bulk,) = (await at.api.get("/bulk"))["items"]
    assert 0 < bulk["done"] < 40
    assert await at.api.count("status=cancelled") == bulk["done"] < len(made)


async def test_deleting_wants_the_number_typed(at: Desk) -> None:
    page = at.page
    made = await at.failed(3)
    await at.watched.open("/tasks")
    for index in range(2):
        await page.locator(".tasks td.c-check").nth(index).click()
    await page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    confirm = dialog.get_by_role("button", name="Delete 2 tasks")
    await expect(confirm).to_be_disabled()
    field = dialog.get_by_label("To confirm, type the number 2")
    await field.fill("3")
    await expect(confirm).to_be_disabled()
    await field.fill("2")
    await confirm.click()
    await expect(page.get_by_role("status")).to_contain_text("Done: 2 done")
    (bulk,) = (await at.api.get("/bulk"))["items"]
    assert (bulk["action"], bulk["ids"]) == ("delete", made[:0:-1])


async def test_an_operation_that_ends_before_its_answer_has_come_is_told_all_the_same(at: Desk) -> None:
    page = at.page
    await at.failed(1)
    made = await waiting(at, 20)
    await at.watched.open("/tasks?status=failed")
    await expect(page.locator(".live")).to_contain_text("Live")
    await page.locator(".tasks td.c-check").click()
    await page.get_by_role("button", name="Retry…").click()
    await page.evaluate(HOLD_ANSWER)
    await page.get_by_role("dialog").get_by_role("button", name="Retry 1 task").click()
    await wait_until(lambda: page.evaluate("'letGo' in window"), 20)
    await begun(at, action="cancel", ids=made, rate=1)  # what is told later has come: so has the end
    await expect(page.locator(".progress-bar")).to_contain_text("Cancel 20 tasks")
    await page.evaluate("letGo()")
    await expect(page.get_by_role("status")).to_contain_text("Done: 1 done")


async def test_a_wrong_url_is_changed_in_many_tasks_at_once(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(422)
    made = await waiting(at, 3)
    other = await waiting(at, 1)
    wrong = (await at.api.task(made[0]))["url"].rstrip("/")
    await at.watched.open("/tasks?event=e")
    await page.locator(".select-bar").get_by_role("checkbox").click()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("button", name="Change the URL…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("New beginning")).to_be_focused()
    await dialog.get_by_label("The URL begins with").fill(wrong)
    await dialog.get_by_label("New beginning").fill("ftp://nowhere")
    await dialog.get_by_role("button", name="Show what would change").click()
    await expect(dialog.locator("#plan-to-faults")).to_have_text("Only http and https are sent to.")
    await dialog.get_by_label("New beginning").fill(f"{at.recipient.url}/ok")
    await dialog.get_by_role("button", name="Show what would change").click()
    await expect(dialog.get_by_role("heading")).to_have_text("Edit 4 tasks?")
    await expect(dialog.get_by_role("listitem").last).to_contain_text(f"→ {at.recipient.url}/ok/")
    await expect(dialog.get_by_role("listitem").first).to_contain_text("its URL begins otherwise")
    await dialog.get_by_role("button", name="Edit 4 tasks").click()
    await expect(page.get_by_role("status")).to_contain_text("Done: 3 done, 1 skipped")
    assert [(await at.api.task(each))["url"] for each in made] == [f"{at.recipient.url}/ok/"] * 3
    assert not (await at.api.task(other[0]))["url"].startswith(at.recipient.url)


async def test_what_went_out_between_two_times_is_sent_again_at_a_rate(at: Desk) -> None:
    page = at.page
    made = [await at.api.create(url=f"{at.recipient.url}/ok") for _ in range(3)]
    for each in made:
        await at.api.reaches(each, "delivered")
    await at.watched.open("/tasks?status=delivered&created_from=-1h&created_to=-0s")
    await page.locator(".select-bar").get_by_role("checkbox").click()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("button", name="Resend as new…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text("Resend 3 tasks as new?")
    await dialog.get_by_label("Tasks a second, at most").fill("20,5")
    await expect(dialog.get_by_role("button", name="Resend 3 tasks as new")).to_have_count(0)
    await dialog.get_by_role("button", name="Show what would change").click()
    await dialog.get_by_role("button", name="Resend 3 tasks as new").click()
    await expect(page.get_by_role("status")).to_contain_text("Done: 3 done")
    (bulk,) = (await at.api.get("/bulk"))["items"]
    assert (bulk["action"], bulk["rate"]) == ("resend", 20.5)
    assert await at.api.count() == 6


async def test_a_plan_that_no_longer_holds_is_made_anew(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(409)
    await at.failed(2)
    await at.watched.open("/tasks?group=failed")
    await page.get_by_role("button", name="Pause updates").click()
    await page.locator(".tasks td.c-check").first.click()
    await page.get_by_role("button", name="Select all 2 by filter").click()
    await page.get_by_role("button", name="Retry…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Retry 2 tasks")).to_be_enabled()
    await at.service.stop()
    await at.service.start()  # a token ends with the process that made it
    await at.failed(1)
    await dialog.get_by_role("button", name="Retry 2 tasks").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The plan no longer holds")
    await dialog.get_by_role("button", name="Retry 3 tasks").click()
    await expect(page.get_by_role("status")).to_contain_text("Done: 3 done")


async def test_a_plan_for_nothing_can_only_be_left(at: Desk) -> None:
    page = at.page
    (task,) = await waiting(at, 1)
    await at.watched.open("/tasks")
    await page.get_by_role("button", name="Pause updates").click()
    await page.locator(".tasks td.c-check").click()
    await at.api.call("POST", f"/tasks/{task}/cancel")
    await page.keyboard.press("KeyC")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("There is nothing to do")
    await expect(dialog.get_by_role("button", name="Cancel 0 tasks")).to_be_disabled()
    await dialog.get_by_role("button", name="Back").click()
    await expect(dialog).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "words"), [("ru", "Выбрано"), ("en", "Selected")])
async def test_all_of_it_stands_in_every_width(
    browser: Browser, tmp_path: Path, lang: str, words: str, theme: str
) -> None:
    async with desk(browser, tmp_path, lang=lang, color_scheme=theme) as at:
        page = at.page
        await at.failed(2, event="e" * 90, labels={"l" * 60: "v" * 60})
        await waiting(at, 40)
        await begun(at, action="cancel", filter={"event": "e"}, rate=1)
        await at.watched.open(f"/tasks?status=failed&event={'e' * 90}")
        await page.locator(".filter input").press_sequentially("stauts:failed ")
        await page.locator(".select-bar").get_by_role("checkbox").click()
        await expect(page.locator(".select-bar")).to_contain_text(words)
        await expect(page.locator(".progress-bar")).to_be_visible()
        await page.get_by_role("button", name=re.compile("Columns|Столбцы")).click()
        for box in await page.locator(".menu input").all():
            await box.click()

        async def stands() -> None:
            for width in (1440, 720, 390, 320):
                await page.set_viewport_size({"width": width, "height": 844})
                assert not await page.evaluate(SIDEWAYS), (
                    f"{await page.evaluate('location.pathname')} at {width}"
                )
            await page.set_viewport_size({"width": 1440, "height": 900})

        await stands()
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name=re.compile("Delete…|Удалить…")).click()
        await expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(2)
        await stands()
        (bulk,) = (await at.api.get("/bulk"))["items"]
        await at.watched.open(f"/bulk/{bulk['id']}")
        await stands()


async def test_an_operation_that_is_not_kept_is_told(at: Desk) -> None:
    at.watched.expect_statuses(404)
    await at.watched.open("/bulk")
    await expect(at.page.locator(".empty")).to_contain_text("No bulk operation yet")
    await at.watched.open("/bulk/01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20")
    await expect(at.page.locator(".empty")).to_contain_text("There is no such thing")


async def test_who_may_only_look_is_told_that_his_role_cannot_act(browser: Browser, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.touch(0o600)
    tokens.write_text(f"vera viewer {hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
    async with (
        serving(tmp_path, {"auth": {"tokens_file": str(tokens)}}, name=PLAIN) as service,
        watching(browser, service.url) as watched,
    ):
        page = watched.page
        watched.expect_statuses(401, 404)
        await watched.open("/nothing")
        assert await page.evaluate(SIGN_IN, TOKEN) == 204
        task = {"id": "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20", "status": "failed", "max_attempts": 1}
        fields = dict.fromkeys(["reason", "event", "last_code", "last_error", "next_attempt_at"])
        more = {"url": "http://a/", "destination": "http://a:80", "method": "POST", "http_method": "POST"}
        item = (
            task | fields | more | {"attempts": 1, "attempts_left": 0, "created_at": "2026-01-01T00:00:00Z"}
        )
        answer = {"items": [item], "next": None, "prev": None, "complete": True}
        await page.route("**/api/v1/tasks?*", lambda route: route.fulfill(body=json.dumps(answer)))
        await watched.open("/tasks")
        await page.locator(".tasks td.c-check").click()
        for name in ("Retry…", "Cancel…", "Delete…"):
            button = page.locator(".select-bar").get_by_role("button", name=name)
            await expect(button).to_have_attribute("title", "Your role can't do this")
            await expect(button).to_have_attribute("aria-disabled", "true")
        await page.keyboard.press("r")
        await expect(page.get_by_role("status")).to_have_text("Your role can't do this")
        await expect(page.get_by_role("dialog")).to_have_count(0)
