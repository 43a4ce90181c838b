"""The list of destinations in a real browser: trouble told, and what an operator does about it."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.support.desk import Desk, desk
from tests.support.keyboard import press
from tests.support.service import free_port
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests


def row(at: Desk, key: str) -> Locator:
    """The row of a destination."""
    return at.page.locator(f'.dests tr[data-key="{key}"]')


def why(at: Desk, key: str) -> Locator:
    """What stands below it."""
    return at.page.locator(f'.dests tr[data-key="why {key}"]')


async def shown(at: Desk, key: str) -> Any:
    """The destination, as the service has it."""
    return await at.api.get(f"/destinations/{quote(key, safe='')}")


async def held(at: Desk) -> str:
    """The key of a destination that asked to wait five minutes."""
    task_id = await at.api.create(url=f"{at.recipient.url}/429?after=300", payload=1)
    await at.api.reaches(task_id, "retrying")
    return at.recipient.url


@pytest.mark.parametrize(("lang", "theme"), [("ru", "dark"), ("en", "light")])
async def test_everybody_can_use_it(browser: Browser, tmp_path: Path, lang: Any, theme: Any) -> None:
    async with desk(browser, tmp_path, lang=lang, color_scheme=theme) as at:
        await at.failed(1, payload=1)
        await held(at)
        await at.watched.open("/destinations")
        for width in (1440, 390, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await at.watched.violations() == [], width
        await at.page.locator(".acts > button").first.click()
        assert await at.watched.violations() == []


async def test_a_pause_is_asked_with_a_note_and_ended_from_the_keyboard(at: Desk) -> None:
    page, key = at.page, f"http://127.0.0.1:{free_port()}"
    await at.api.create(url=f"{key}/x", payload=1, delay="1h")
    await at.watched.open("/destinations")
    await press(page, row(at, key).get_by_role("button", name="Pause…"))
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Nothing is lost: 1 task waits there")
    await expect(dialog.get_by_label("Note")).to_be_focused()
    await page.keyboard.type("deploy until noon")
    await press(page, dialog.get_by_role("button", name="Pause"))
    await expect(row(at, key)).to_contain_text("Paused")
    await expect(why(at, key)).to_contain_text("Paused by an operator: “deploy until noon”. Since")
    await expect(why(at, key)).to_contain_text("It lasts until somebody resumes")
    assert (await shown(at, key))["reason"]["note"] == "deploy until noon"
    await press(page, row(at, key).get_by_role("button", name="Resume"))
    await expect(row(at, key)).to_contain_text("Normal")
    assert (await shown(at, key))["state"] == "normal"


async def test_a_held_one_says_why_until_when_and_what_then_and_is_released(at: Desk) -> None:
    page, key = at.page, await held(at)
    await at.watched.open("/destinations")
    await expect(why(at, key)).to_contain_text("answered 429 and asked to wait (Retry-After: 300)")
    await expect(why(at, key)).to_contain_text(", until ")
    await expect(why(at, key)).to_contain_text("Then one attempt goes first")
    await expect(page.locator(".tabs a", has_text="Held")).to_have_text("Held1")
    await press(page, why(at, key).get_by_role("button", name="Release now"))
    await expect(page.get_by_role("status")).to_have_text("The hold is ended")
    assert (await shown(at, key))["until"] is None or (await shown(at, key))["state"] != "held"


async def test_what_was_delivered_is_a_line_with_words_that_adds_up(browser: Browser, tmp_path: Path) -> None:
    async with desk(browser, tmp_path, timezone_id="UTC") as at:
        await at.api.create(url=f"{at.recipient.url}/200")
        await at.api.settles()
        (known,) = (await at.api.get("/destinations"))["items"]
        minutes = [*[0] * 20, 7, *[1] * 30, 3, 2, 5]
        told = {**known, "recent": {**known["recent"], "delivered": sum(minutes)}}
        told["series"] = {"from": "2026-01-31T11:06:00.000Z", "step_s": 60, "delivered": minutes}
        answer = {"items": [told], "next": None, "prev": None, "complete": True}
        await at.page.route("**/api/v1/destinations?*", lambda route: route.fulfill(json=answer))
        await at.watched.open("/destinations")
        cell = row(at, known["key"]).locator(".c-delivered_1h")
        await expect(cell).to_have_text("47")
        words = "at most 7 at 11:26, in the last whole minute 2"
        await expect(cell.get_by_role("img", name=words)).to_be_visible()
        drawn = str(await cell.locator("path").get_attribute("d"))
        assert drawn.count("L") == len(minutes) - 2, (
            "a point for every whole minute, the first of them moved to"
        )
        assert drawn.endswith("L300 71.4"), (
            "at the right end what the last whole minute brought, out of the most"
        )
        assert not drawn.startswith("M0 "), "of the time before nothing is known"


async def test_where_nothing_is_known_no_line_pretends_to(at: Desk) -> None:
    await at.api.create(url=f"{at.recipient.url}/200", delay=3_600)
    await at.watched.open("/destinations")
    await expect(row(at, at.recipient.url).locator(".c-delivered_1h")).to_have_text("0")
    await expect(at.page.locator(".spark svg")).to_have_count(0)


async def test_rows_stay_where_they_are_while_somebody_is_at_them(at: Desk) -> None:
    one, other = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    await at.api.create(url=f"{one}/a", delay=3_600)
    await at.api.create(url=f"{one}/a", delay=3_600)
    await at.api.create(url=f"{other}/a", delay=3_600)
    await at.watched.open("/destinations")
    keys = at.page.locator(".dests tbody .c-key")
    await expect(keys).to_have_text([one, other])
    await row(at, other).hover()
    for _ in range(4):
        await at.api.create(url=f"{other}/a", delay=3_600)
    waiting = row(at, other).locator(".c-waiting")
    await expect(waiting).to_have_text("5")
    await expect(keys).to_have_text([one, other])
    await at.page.mouse.move(0, 0)
    await expect(keys).to_have_text([other, one])
    await waiting.get_by_role("link").click()
    await expect(at.rows).to_have_count(5)


async def test_what_could_not_be_refreshed_is_marked(at: Desk) -> None:
    await at.failed(1, payload=1)
    await at.watched.open("/destinations")
    await expect(at.page.locator(".old")).to_have_count(0)
    await at.service.kill()
    await expect(at.page.locator(".old")).to_contain_text("Data of")
    await expect(at.page.locator(".dests tbody .c-key")).to_have_count(1)
    at.watched.forget_lost()


async def test_a_probe_makes_one_attempt_now(at: Desk) -> None:
    page, key = at.page, await held(at)
    await at.watched.open("/destinations")
    before = len(at.recipient.arrivals)
    await press(page, why(at, key).get_by_role("button", name="Probe now"))
    await expect(page.get_by_role("status")).to_have_text("One attempt starts now")
    await wait_until(lambda: len(at.recipient.arrivals) > before)


async def test_a_probe_without_anything_to_send_says_so(at: Desk) -> None:
    page, key = at.page, at.recipient.url
    at.watched.expect_statuses(409)
    await at.failed(1, payload=1)
    await at.watched.open("/destinations")
    await press(page, row(at, key).get_by_role("button", name=f"More for {key}"))
    await press(page, page.locator(".menu").get_by_role("button", name="Probe now"), "ArrowDown")
    await expect(page.get_by_role("status")).to_have_text("Nothing waits there that may be sent now")


async def test_what_has_failed_there_is_retried_after_a_plan(at: Desk) -> None:
    page, key = at.page, at.recipient.url
    await at.failed(3, payload=1)
    await held(at)
    await at.watched.open("/destinations")
    await press(page, why(at, key).get_by_role("button", name="Retry 3 failed…"))
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text("Retry 3 tasks?")
    await expect(dialog.locator("dl")).to_contain_text("3")
    await press(page, dialog.get_by_role("button", name="Retry 3 tasks"))
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("status")).to_contain_text("Done: 3 done")


async def test_limits_are_set_beside_their_faults_and_taken_back(at: Desk) -> None:
    page, key = at.page, at.recipient.url
    at.watched.expect_statuses(422)
    await at.failed(1, payload=1)
    await at.watched.open("/destinations")

    async def limits() -> Locator:
        await press(page, row(at, key).get_by_role("button", name=f"More for {key}"))
        await press(page, page.locator(".menu").get_by_role("button", name="Limits…"), "ArrowDown")
        return page.get_by_role("dialog")

    dialog = await limits()
    await dialog.get_by_label("Attempts at once").fill("0")
    await dialog.get_by_label("Attempts a second").fill("0,5")
    await press(page, dialog.get_by_role("button", name="Set the limits"))
    await expect(dialog.locator("#steer-concurrency-faults")).to_be_visible()
    await dialog.get_by_label("Attempts at once").fill("8")
    await press(page, dialog.get_by_role("button", name="Set the limits"))
    await expect(row(at, key).locator(".gauge")).to_have_attribute("title", "At most 8 at once, 0.5 a second")
    assert (await shown(at, key))["ordered"] == {"concurrency": 8, "rate": 0.5}
    dialog = await limits()
    await expect(dialog.get_by_label("Attempts at once")).to_have_value("8")
    await dialog.get_by_label("Attempts at once").fill("")
    await dialog.get_by_label("Attempts a second").fill("")
    await press(page, dialog.get_by_role("button", name="Set the limits"))
    await expect(dialog).to_have_count(0)
    assert (await shown(at, key))["ordered"] == {"concurrency": None, "rate": None}


async def test_trouble_comes_first_and_tabs_and_box_narrow_the_list(at: Desk) -> None:
    page, key = at.page, await held(at)
    for _ in range(3):
        await at.api.create(url=f"http://127.0.0.1:{free_port()}/x", payload=1, delay="1h")
    await at.watched.open("/destinations")
    rows = page.locator('.dests tr[data-key^="http"]')
    await expect(rows).to_have_count(4)
    await expect(rows.first).to_have_attribute("data-key", key)
    await page.locator(".tabs a", has_text="Held").click()
    await expect(rows).to_have_count(1)
    await page.go_back()
    await page.get_by_role("searchbox").fill(str(at.recipient.port))
    await expect(rows).to_have_count(1)
    await expect(page).to_have_url(f"{at.service.url}/destinations?q={at.recipient.port}")
