"""The screen of one task in a real browser: why it is there, its course, its payload, what can be done to it."""

import asyncio
import base64
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from tests.support.browser import pasted
from tests.support.desk import Desk, desk
from tests.support.keyboard import press, tab_to
from tests.support.service import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
BIG = '{"id": 9007199254740993, "price":1.0}'


def badge(at: Desk) -> Locator:
    """The status in the head."""
    return at.page.locator(".task-head .badge")


async def waiting(at: Desk, **fields: object) -> str:
    """The id of a task that waits an hour for its second attempt."""
    task_id = await at.api.create(
        **{"url": f"http://127.0.0.1:{free_port()}/x", "retry": {"schedule": ["1h"]}} | fields
    )
    await at.api.reaches(task_id, "retrying")
    return task_id


@pytest.mark.parametrize(("lang", "theme"), [("ru", "dark"), ("en", "light")])
async def test_everybody_can_use_it_in_every_view_and_width(
    browser: Browser, tmp_path: Path, lang: Literal["ru", "en"], theme: Literal["light", "dark"]
) -> None:
    async with desk(browser, tmp_path, lang=lang, color_scheme=theme) as at:
        ended, erased = await at.failed(2, payload={"n": 1}, order_key="k", labels={"tenant": "acme"})
        await at.api.call("DELETE", f"/tasks/{erased}")
        for task_id in (ended, erased, await waiting(at, max_attempts=20)):
            await at.watched.open(f"/tasks/{task_id}")
            for width in (1440, 900, 390, 320):
                await at.page.set_viewport_size({"width": width, "height": 900})
                assert not await at.page.evaluate(SIDEWAYS), (task_id, width)
                assert await at.watched.violations() == [], (task_id, width)
        await at.watched.open(f"/tasks/{ended}")
        await at.page.locator(".task-head .end > button").first.click()
        await at.page.locator("#edit-event").fill("changed")
        for width in (320, 1440):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await at.watched.violations() == [], width


async def test_it_says_why_a_task_is_there_and_what_comes_next(at: Desk) -> None:
    task_id = await waiting(at, max_attempts=4)
    await at.watched.open(f"/tasks/{task_id}")
    explained = at.page.get_by_label("Explanation")
    await expect(explained).to_contain_text("The last attempt brought connect. Attempt 2 may begin at")
    await expect(explained).to_contain_text(
        re.compile(r"Attempt 2 of 4, (in 5\d min \d\d s|at .*) at the earliest")
    )
    await expect(explained).to_contain_text("No other task that is kept.")
    steps = at.page.locator(".rail > li")
    await expect(steps).to_have_count(5)
    await expect(steps.nth(1)).to_contain_text("connect")
    await expect(at.page.locator(".rail > .coming")).to_have_count(3)
    await expect(steps.last).to_contain_text("at the earliest")
    await expect(at.page.locator(".task-head")).to_contain_text("next attempt")


async def test_it_links_the_others_that_are_affected(at: Desk) -> None:
    first, *_ = await at.failed(3, payload=1)
    await at.watched.open(f"/tasks/{first}")
    affected = at.page.get_by_label("Explanation").locator("> div").last
    await expect(affected).to_contain_text("3 tasks waiting or failed here with 410, with this one.")
    await expect(affected).not_to_contain_text("various outcomes")
    other = await at.api.create(url=f"{at.recipient.url}/500", max_attempts=1)
    await at.api.reaches(other, "failed")
    await at.page.reload()
    await expect(affected).to_contain_text("4 tasks waiting or failed at")
    await affected.get_by_role("link", name="3 tasks").click()
    await expect(at.rows).to_have_count(3)


async def test_a_long_course_folds_and_stands_upright_where_it_is_narrow(at: Desk) -> None:
    task_id = await at.api.create(
        url=f"{at.recipient.url}/500", payload=1, max_attempts=20, retry={"schedule": ["5ms"]}
    )
    await at.api.reaches(task_id, "failed")
    await at.watched.open(f"/tasks/{task_id}")
    steps = at.page.locator(".rail > li")
    await expect(steps).to_have_count(14)
    await press(at.page, at.page.get_by_role("button", name="Show 9 steps more"))
    await expect(steps).to_have_count(22)
    await press(at.page, at.page.get_by_role("button", name="Fold"))
    await expect(steps).to_have_count(14)
    await at.page.set_viewport_size({"width": 390, "height": 844})
    one, other = await steps.nth(0).bounding_box(), await steps.nth(1).bounding_box()
    assert one is not None
    assert other is not None
    assert (one["x"], other["y"] > one["y"]) == (other["x"], True)


async def test_the_payload_is_shown_laid_out_raw_and_byte_by_byte_as_it_was_posted(at: Desk) -> None:
    task_id = await at.api.create(url=f"{at.recipient.url}/ok", body=BIG, content_type="application/json")
    await at.watched.open(f"/tasks/{task_id}")
    shown = at.page.locator(".pre-flat")
    await expect(shown).to_have_text('{\n  "id": 9007199254740993,\n  "price": 1.0\n}')
    await press(at.page, at.page.get_by_role("button", name="Raw"))
    await expect(shown).to_have_text(BIG)
    await press(at.page, at.page.get_by_role("button", name="Hex"))
    await expect(shown).to_contain_text('7b 22 69 64 22 3a 20 39  30 30 37 31 39 39 32 35  {"id": 900719925')
    await press(at.page, at.page.get_by_role("button", name="Copy as curl"))
    await expect(at.page.get_by_role("status")).to_have_text("Copied")
    assert f"--data-binary '{BIG}'" in await pasted(at.page)


async def test_bytes_that_are_no_text_are_shown_as_bytes_and_a_large_body_in_part(at: Desk) -> None:
    binary = base64.b64encode(bytes(range(256))).decode()
    task_id = await at.api.create(url=f"{at.recipient.url}/ok", body_base64=binary)
    await at.watched.open(f"/tasks/{task_id}")
    await expect(at.page.locator(".pre-flat")).to_contain_text("000000f0  f0 f1 f2")
    await expect(at.page.get_by_role("button", name="Raw")).to_have_count(0)
    large = await at.api.create(url=f"{at.recipient.url}/ok", payload=["x" * 300_000])
    await at.watched.open(f"/tasks/{large}")
    await expect(at.page.locator(".card", has_text="Payload").last).to_contain_text(
        "first 256 KiB of 293 KiB"
    )


async def test_a_retry_and_a_cancel_are_done_from_the_keyboard(at: Desk) -> None:
    page = at.page
    task_id = await waiting(at)
    await at.watched.open(f"/tasks/{task_id}")
    await press(page, page.get_by_role("button", name="Cancel…"))
    await press(page, page.get_by_role("dialog").get_by_role("button", name="Cancel the task"))
    await expect(badge(at)).to_have_text("Cancelled")
    await expect(page.locator(".rail")).to_contain_text("cancelled")
    await press(page, page.get_by_role("button", name="Retry…"))
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(badge(at)).to_have_text(re.compile("Queued|Sending|Retrying"))
    assert [past["action"] for past in (await at.api.task(task_id))["history"]] == ["cancel", "retry"]


async def test_keys_ask_for_what_the_status_allows_and_say_why_not(at: Desk) -> None:
    page = at.page
    task_id = await waiting(at)
    await at.watched.open(f"/tasks/{task_id}")
    await page.keyboard.press("KeyC")
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the task").click()
    await expect(badge(at)).to_have_text("Cancelled")
    await page.keyboard.press("KeyC")
    await expect(page.get_by_role("status")).to_contain_text("Cancelled already")
    await page.keyboard.press("KeyR")
    await expect(page.get_by_role("dialog")).to_contain_text("under the same id")
    await page.keyboard.press("Enter")
    await expect(badge(at)).to_have_text(re.compile("Queued|Sending|Retrying"))


async def test_tasks_that_were_made_of_it_say_where_they_stand(at: Desk) -> None:
    page = at.page
    callback = {"url": f"{at.recipient.url}/410", "on": ["delivered"]}
    made = await at.api.create(url=f"{at.recipient.url}/ok", callback=callback)
    await at.api.reaches(made, "delivered")
    status, copy = await at.api.call("POST", f"/tasks/{made}/resend", {"delay": "1h"})
    assert status == 202, copy
    await at.api.reaches((await at.api.task(made))["callback_id"], "failed")
    await at.watched.open(f"/tasks/{made}")
    related = page.locator("aside .card", has_text="Related tasks")
    await expect(related.locator("dd").nth(2)).to_contain_text("Failed")
    await expect(related.locator("dd").nth(1)).to_contain_text("Queued")
    await at.api.call("POST", f"/tasks/{copy['id']}/cancel")
    await expect(related.locator("dd").nth(1)).to_contain_text("Cancelled")
    await related.locator("dd").nth(1).get_by_role("link").click()
    await expect(related.locator("dd").nth(0)).to_contain_text("Delivered")


async def test_a_refusal_of_a_question_that_was_left_is_told(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(404)
    task_id = await waiting(at)
    let = asyncio.Event()

    async def late(route: Route) -> None:
        await let.wait()
        problem = {"code": "not_found", "status": 404, "title": "", "detail": ""}
        await route.fulfill(status=404, json=problem, content_type="application/problem+json")

    await at.watched.open(f"/tasks/{task_id}")
    await page.route("**/cancel", late)
    await page.get_by_role("button", name="Cancel…").click()
    async with page.expect_request("**/cancel"):
        await page.get_by_role("dialog").get_by_role("button", name="Cancel the task").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    let.set()
    await expect(page.get_by_role("status").locator("p")).not_to_be_empty()


async def test_a_question_about_a_task_that_has_changed_is_asked_anew(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(412)
    task_id = await waiting(at, event="first")
    await at.watched.open(f"/tasks/{task_id}")
    await page.get_by_role("button", name="Pause updates").click()
    await page.get_by_role("button", name="Cancel…").click()
    assert (await at.api.call("PATCH", f"/tasks/{task_id}", {"event": "theirs"}))[0] == 200
    confirm = page.get_by_role("dialog").get_by_role("button", name="Cancel the task")
    await confirm.click()
    await expect(page.get_by_role("alert")).to_contain_text("The task has changed meanwhile")
    await confirm.click()
    await expect(badge(at)).to_have_text("Cancelled")


async def test_a_deleted_task_leaves_a_tombstone(at: Desk) -> None:
    page = at.page
    (task_id,) = await at.failed(1, payload={"secret": 1}, headers={"X-Gone": "g"})
    await at.watched.open(f"/tasks/{task_id}")
    await press(page, page.get_by_role("button", name="More actions"))
    await press(page, page.locator(".menu").get_by_role("button", name="Delete…"), "ArrowDown")
    await press(page, page.get_by_role("dialog").get_by_role("button", name="Delete the task"))
    await expect(page.locator(".notice")).to_contain_text("payload, headers and answers are gone")
    await expect(page.locator(".facts").first).to_contain_text("SHA-256")
    await expect(page.locator("main")).not_to_contain_text("secret")
    await expect(page.locator("main")).not_to_contain_text("X-Gone")
    retry = page.get_by_role("button", name="Retry…")
    await expect(retry).to_have_attribute("title", "Erased: nothing is left of it")
    assert (await at.api.task(task_id))["erased_at"]


async def test_an_edit_shows_what_differs_and_sends_that_alone(at: Desk) -> None:
    page = at.page
    fields = {"body": BIG, "content_type": "application/json"}
    task_id = await waiting(at, **fields, headers={"Authorization": "Bearer s"})
    await at.watched.open(f"/tasks/{task_id}")
    await press(page, page.get_by_role("button", name="Edit…"))
    dialog = page.get_by_role("dialog")
    save = dialog.get_by_role("button", name="Save")
    await expect(save).to_be_disabled()
    await tab_to(page, dialog.get_by_label("Payload"))
    await page.keyboard.press("ControlOrMeta+End")
    await page.keyboard.press("Backspace")
    await expect(dialog).to_contain_text("The JSON ends too early")
    await expect(save).to_be_disabled()
    await page.keyboard.type(', "more": 2.0}')
    await dialog.get_by_label("Attempts", exact=True).fill("7")
    await expect(dialog.get_by_label("What changes")).to_contain_text(f"− {BIG}")
    await press(page, save)
    await expect(page.get_by_role("status")).to_have_text("The task is changed")
    await expect(page.locator(".pre-flat")).to_contain_text('"more": 2.0')
    await expect(page.locator(".pre-flat")).to_contain_text("9007199254740993")
    after = await at.api.task(task_id)
    assert after["max_attempts"] == 7
    assert after["headers"] == [["Authorization", "***"]]
    await expect(page.locator(".facts", has_text="edited, by")).to_contain_text("max_attempts")


async def test_an_edit_that_comes_too_late_shows_both_versions(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(412)
    task_id = await waiting(at, event="first")
    await at.watched.open(f"/tasks/{task_id}")
    await page.get_by_role("button", name="Pause updates").click()
    await page.get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Event").fill("mine")
    change = {"event": "theirs", "max_attempts": 3}
    assert (await at.api.call("PATCH", f"/tasks/{task_id}", change))[0] == 200
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The task has changed meanwhile")
    theirs = dialog.get_by_label("Changed meanwhile by somebody else")
    await expect(theirs).to_contain_text("+ theirs")
    await expect(theirs).to_contain_text("+ 3")
    mine = dialog.get_by_label("What changes")
    await expect(mine).to_contain_text("− theirs")
    await expect(mine).to_contain_text("+ mine")
    await expect(dialog.get_by_label("Attempts", exact=True)).to_have_value("3")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.locator(".task-head .title")).to_contain_text("mine")
    after = await at.api.task(task_id)
    assert (after["event"], after["max_attempts"]) == ("mine", 3)


async def test_an_edit_is_not_lost_by_a_slip(at: Desk) -> None:
    page = at.page
    await at.watched.open(f"/tasks/{await waiting(at)}")
    await page.get_by_role("button", name="Edit…").dblclick()
    dialog = page.get_by_role("dialog")
    event = dialog.locator("#edit-event")
    await event.hover()
    await page.mouse.down()
    await page.mouse.move(2, 2)  # on the backdrop
    await page.mouse.up()
    await event.fill("mine")
    await page.keyboard.press("Escape")
    await expect(dialog.get_by_role("alert")).to_have_text("What you have changed is not saved.")
    await event.fill("mine all the same")
    await page.mouse.click(2, 2)
    await dialog.get_by_role("button", name="Discard it").click()
    await expect(dialog).to_have_count(0)


async def test_what_the_server_refuses_of_an_edit_stands_beside_its_field(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(422)
    task_id = await waiting(at)
    await at.watched.open(f"/tasks/{task_id}")
    await page.get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Recipient URL").fill("ftp://x.example/")
    await dialog.get_by_label("Attempts", exact=True).fill("500")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.locator("#edit-url-faults")).to_have_text("Only http and https are sent to.")
    await expect(dialog.locator("#edit-max_attempts-faults")).to_have_text("From 1 to 100.")


async def test_a_copy_is_sent_as_a_new_task_that_differs(at: Desk) -> None:
    page = at.page
    (task_id,) = await at.failed(1, event="order.paid", payload={"n": 1})
    await at.watched.open(f"/tasks/{task_id}")
    await press(page, page.get_by_role("button", name="Resend as new…"))
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Recipient URL")).to_be_focused()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(f"{at.recipient.url}/ok")
    await press(page, dialog.get_by_role("button", name="Resend"))
    await expect(badge(at)).to_have_text("Delivered")
    await expect(page.locator(".facts", has_text="Made of")).to_contain_text(f"…{task_id[-8:]}")
    assert at.recipient.arrivals[-1].target == "/ok"


async def test_what_the_status_forbids_is_disabled_and_says_why(at: Desk) -> None:
    page = at.page
    task_id = await at.api.create(url=f"{at.recipient.url}/ok", payload=1)
    await at.api.reaches(task_id, "delivered")
    await at.watched.open(f"/tasks/{task_id}")
    edit = page.get_by_role("button", name="Edit…")
    await expect(edit).to_have_attribute("aria-disabled", "true")
    await press(page, edit)
    await expect(page.get_by_role("status")).to_have_text("Delivered already: there is nothing to edit")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_task_that_is_not_there_says_so(at: Desk) -> None:
    at.watched.expect_statuses(404)
    await at.watched.open("/tasks/01a22935-0bf5-7efe-be4d-1d88a54abac2")
    await expect(at.page.locator(".empty")).to_contain_text("No such task, or retention removed it")
