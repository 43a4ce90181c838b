"""Every action from the keyboard alone: real keys, no pointer, nothing focused or filled by a script.

What is done to one task, and to a destination, is also pressed in test_page_task.py and test_page_destinations.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browser import PLAIN, pasted, watching
from tests.support.desk import Desk
from tests.support.keyboard import press, press_russian, tab_to
from tests.support.service import free_port, serving

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(120),
]  # one browser serves all tests
TOKEN = "oky_secret-of-a-test"
Press = Callable[..., Awaitable[None]]


async def write(page: Page, field: Locator, text: str) -> None:
    """Go to a field and put a text in place of what it holds."""
    await tab_to(page, field)
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(text)


async def choose(page: Page, button: str, *items: str) -> None:
    """Open a menu and take something from it."""
    await press(page, page.get_by_role("button", name=button, exact=True))
    for item in items:
        await press(page, page.locator(".menu :is(a, button)", has_text=item), "ArrowDown")


async def test_a_filter_is_completed_kept_as_a_view_and_exported(at: Desk, tmp_path: Path) -> None:
    page, keyboard = at.page, at.page.keyboard
    await at.failed(2, event="order.paid")
    await at.api.create(url=f"{at.recipient.url}/ok")
    await at.watched.open("/tasks")
    await expect(at.rows).to_have_count(3)
    await keyboard.press("Slash")
    await expect(page.get_by_role("combobox", name="Filter")).to_be_focused()
    await keyboard.type("sta")
    await expect(page.get_by_role("option")).to_have_text(["status:"])
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await keyboard.type("fail")
    await expect(page.get_by_role("option")).to_have_text(["failedFailed"])
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await expect(page).to_have_url(f"{at.service.url}/tasks?status=failed")
    await expect(at.rows).to_have_count(2)

    await choose(page, "Views", "Keep this filter as a view")
    await expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    await keyboard.type("All that failed")
    await press(page, page.get_by_role("dialog").get_by_role("button", name="Keep", exact=True))
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await press(page, page.get_by_role("button", name="Remove the condition status:failed"), "Shift+Tab")
    await expect(at.rows).to_have_count(3)
    await choose(page, "Views", "All that failed")
    await expect(at.rows).to_have_count(2)

    await press(page, page.get_by_role("button", name="Export"))
    await expect(page.get_by_role("dialog")).to_contain_text("Tasks2")
    async with page.expect_download() as waiting:
        await press(page, page.get_by_role("dialog").get_by_role("button", name="NDJSON"))
    await (await waiting.value).save_as(tmp_path / "saved")
    lines = (tmp_path / "saved").read_text("utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["order.paid"] * 2


async def test_rows_are_paged_and_chosen_and_many_are_retried_and_stopped(at: Desk) -> None:
    page, keyboard = at.page, at.page.keyboard
    made = await at.failed(30)
    await at.watched.open("/tasks?limit=25")
    await press(page, page.get_by_role("link", name="Older"), "Shift+Tab")
    await expect(at.rows).to_have_count(5)
    await press(page, page.get_by_role("link", name="Newer"), "Shift+Tab")
    await expect(at.rows.first).to_have_attribute("data-key", made[-1])
    await tab_to(page, at.rows.nth(1).get_by_role("checkbox"))
    await keyboard.press("Space")
    await expect(page.locator(".select-bar")).to_contain_text("Selected 1 of 25")
    await tab_to(page, at.rows.nth(4).get_by_role("checkbox"))
    await keyboard.press("Shift+Space")
    await expect(page.locator(".select-bar")).to_contain_text("Selected 4 of 25")
    await tab_to(page, page.locator(".select-bar").get_by_role("checkbox"), "Shift+Tab")
    await keyboard.press("Space")
    await press(page, page.get_by_role("button", name="Select all 30 by filter"))
    await press(page, page.get_by_role("button", name="Retry…"))
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text("Retry 30 tasks?")
    await press(page, dialog.get_by_role("button", name="Retry 30 tasks"))
    await expect(page.get_by_role("status")).to_contain_text("Done: 30 done, 0 skipped")

    bulk = {"action": "retry", "filter": {"status": "failed"}, "rate": 1}
    await at.api.settles()
    _, plan = await at.api.call("POST", "/bulk", {**bulk, "dry_run": True})
    await at.api.call("POST", "/bulk", {**bulk, "token": plan["token"]})
    stop = page.locator(".progress-bar").get_by_role("button", name="Stop")
    await expect(stop).to_be_visible()
    await press(page, stop, "Shift+Tab")
    await expect(page.get_by_role("status")).to_contain_text("Stopped:")


async def test_a_task_is_edited_and_its_payload_copied(at: Desk) -> None:
    page = at.page
    task_id = await at.api.create(
        url=f"http://127.0.0.1:{free_port()}/", payload={"n": 1}, retry={"schedule": ["1h"]}
    )
    await at.api.reaches(task_id, "retrying")
    await at.watched.open(f"/tasks/{task_id}")
    await press(page, page.get_by_role("button", name="Edit…"))
    dialog = page.get_by_role("dialog")
    await write(page, dialog.get_by_label("Event"), "order.paid")
    await write(page, dialog.get_by_label("Attempts", exact=True), "7")
    await press(page, dialog.get_by_role("button", name="Save"))
    await expect(page.get_by_role("status")).to_have_text("The task is changed")
    task = await at.api.task(task_id)
    assert (task["event"], task["max_attempts"]) == ("order.paid", 7)
    payload = page.locator(".card").filter(has=page.get_by_role("heading", name="Payload"))
    await press(page, payload.get_by_role("button", name="Copy", exact=True))
    await expect(page.get_by_role("status")).to_have_text("Copied")
    assert json.loads(await pasted(page)) == {"n": 1}


async def test_limits_of_a_destination_are_set(at: Desk) -> None:
    page, key = at.page, at.recipient.url
    await at.failed(1)
    await at.watched.open("/destinations")
    await choose(page, f"More for {key}", "Limits…")
    dialog = page.get_by_role("dialog")
    await write(page, dialog.get_by_label("Attempts at once"), "8")
    await write(page, dialog.get_by_label("Attempts a second"), "0,5")
    await press(page, dialog.get_by_role("button", name="Set the limits"))
    await expect(page.locator(".gauge")).to_have_attribute("title", "At most 8 at once, 0.5 a second")


async def test_a_task_is_tried_and_created(at: Desk) -> None:
    page = at.page
    await at.watched.open("/")
    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New task")
    await write(page, page.get_by_label("Recipient URL"), f"{at.recipient.url}/ok")
    await write(page, page.get_by_role("textbox", name="Payload"), '{"n": 1.0}')
    await press(page, page.get_by_role("button", name="Dry run"))
    await expect(page.get_by_label("Dry run")).to_contain_text("It would be accepted")
    await press(page, page.get_by_role("button", name="Create task"))
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    assert [arrival.body for arrival in at.recipient.arrivals] == [b'{"n": 1.0}']


async def test_somebody_signs_in_changes_how_it_looks_and_signs_out(browser: Browser, tmp_path: Path) -> None:
    tokens = [{"name": "anna", "role": "operator", "sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}]
    path = tmp_path / "tokens"
    path.touch(0o600)
    path.write_text("".join(f"{token['name']} {token['role']} {token['sha256']}\n" for token in tokens))
    async with (
        serving(tmp_path, {"auth": {"tokens_file": str(path)}}, name=PLAIN) as service,
        watching(browser, service.url) as watched,
    ):
        page = watched.page
        watched.expect_statuses(401)
        await watched.open("/sign-in")
        await write(page, page.get_by_label("Access token"), TOKEN)
        await page.keyboard.press("Enter")
        await expect(page.locator(".who")).to_have_text("anna · operator")
        await expect(page.locator(".live-text")).to_have_text("Live")
        await press(page, page.get_by_role("button", name="Pause updates"))
        await expect(page.locator(".live-text")).to_have_text("Paused")
        await page.keyboard.press("Enter")
        await expect(page.locator(".live-text")).to_have_text("Live")
        await press(page, page.get_by_role("button", name="Theme: as the system"))
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        await choose(page, "anna · operator", "Times in UTC")
        assert await page.evaluate("localStorage.getItem('okydrom.zone')") == "utc"
        await press(page, page.get_by_role("button", name="По-русски"))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Обзор")
        await press(page, page.get_by_role("button", name="In English"))
        await choose(page, "anna · operator", "Sign out")
        await expect(page.get_by_label("Access token")).to_be_visible()


@pytest.mark.parametrize("layout", ["latin", "russian"])
async def test_keys_work_on_every_layout(at: Desk, layout: str) -> None:
    page, heading = at.page, at.page.get_by_role("heading", level=1)
    made = await at.failed(4)
    waits = await at.api.create(url=f"{at.recipient.url}/ok", delay="1h")

    async def key(code: str) -> None:
        await (press_russian(page, code) if layout == "russian" else page.keyboard.press(code))

    await at.watched.open("/")
    await key("KeyG")
    await key("KeyT")
    await expect(heading).to_have_text("Tasks")
    await expect(at.rows).to_have_count(5)
    await key("KeyJ")
    await expect(at.rows.nth(0).locator(".c-id a")).to_be_focused()
    await key("KeyC")
    await press(page, page.get_by_role("dialog").get_by_role("button", name="Cancel the task"))
    await at.api.reaches(waits, "cancelled")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await key("KeyJ")
    await key("KeyX")
    await key("KeyJ")
    await key("KeyJ")
    await key("KeyX")
    await expect(page.locator(".select-bar")).to_contain_text("Selected 2 of 5")
    await key("KeyK")
    await key("KeyR")
    await expect(page.get_by_role("dialog")).to_contain_text("Retry 2 tasks?")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(page.locator(".select-bar")).to_contain_text("Select tasks to")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{at.service.url}/tasks/{made[2]}")


async def test_the_jump_box_is_typed_into(at: Desk) -> None:
    page, heading = at.page, at.page.get_by_role("heading", level=1)
    (task_id,) = await at.failed(1)
    await at.watched.open("/")
    for text, wanted in (("dest", "Destinations"), (task_id, re.compile(task_id[-8:]))):
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
        await page.keyboard.type(text)
        await expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Enter")
        await expect(heading).to_have_text(wanted)
