"""The page from the keyboard alone, in any layout: keys, the jump box, the help; times of another zone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.desk import Desk, desk

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
# A key as a browser tells it on a Russian layout: another letter at the same place.
PRESS = """
([code, key, shift]) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
  { code, key, shiftKey: shift, bubbles: true, cancelable: true }))
"""
RUSSIAN = {"G": "п", "T": "е", "D": "в", "B": "и", "M": "ь", "S": "ы", "P": "з", "O": "щ", "N": "т", "Y": "н"}


async def press(page: Page, *letters: str) -> None:
    """Keys named by their Latin letters, on a Russian layout."""
    for letter in letters:
        await page.evaluate(PRESS, [f"Key{letter}", RUSSIAN[letter], False])


@pytest.mark.parametrize("layout", ["latin", "russian"])
async def test_two_keys_go_to_a_screen_in_any_layout(at: Desk, layout: str) -> None:
    page, heading = at.page, at.page.get_by_role("heading", level=1)
    await at.watched.open("/")
    places = {"T": "Tasks", "D": "Destinations", "B": "Bulk operations", "M": "Methods", "S": "Statuses"}
    for letter, name in {**places, "P": "Parameters", "Y": "System", "O": "Overview"}.items():
        if layout == "russian":
            await press(page, "G", letter)
        else:
            await page.keyboard.press("g")
            await page.keyboard.press(letter.lower())
        await expect(heading).to_have_text(name)
        await expect(heading).to_be_focused()
    await expect(page.locator(".live-text")).to_have_text("Live")
    await (press(page, "P") if layout == "russian" else page.keyboard.press("p"))
    await expect(page.locator(".live-text")).to_have_text("Paused")
    await (press(page, "N") if layout == "russian" else page.keyboard.press("n"))
    await expect(heading).to_have_text("New task")


async def test_keys_are_not_heard_in_fields_and_with_modifiers(at: Desk) -> None:
    page, heading = at.page, at.page.get_by_role("heading", level=1)
    await at.watched.open("/parameters")
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("npgt?")
    await expect(page.get_by_role("searchbox")).to_have_value("npgt?")
    await expect(heading).to_have_text("Parameters")
    await heading.focus()
    await page.keyboard.press("Alt+n")
    await page.keyboard.press("Shift+n")
    await expect(heading).to_have_text("Parameters")
    await page.keyboard.press("g")
    await page.keyboard.press("x")
    await expect(heading).to_have_text("Parameters")
    await page.keyboard.press("n")
    await expect(heading).to_have_text("New task")
    await heading.focus()
    await page.keyboard.press("/")  # no filter here: that of the tasks
    await expect(heading).to_have_text("Tasks")


async def test_the_help_lists_the_keys_and_switches_them_off(at: Desk) -> None:
    page = at.page
    await at.watched.open("/methods")
    await page.evaluate(PRESS, ["Slash", ",", True])  # on a Russian layout
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(dialog.locator("kbd").first).to_have_text("Ctrl K")
    await expect(dialog).to_contain_text("Next row, previous row")
    await page.keyboard.press("n")
    await expect(dialog).to_be_visible()
    await dialog.get_by_label("Shortcuts of one key work").uncheck()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.keyboard.press("n")
    await page.keyboard.press("Shift+Slash")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Methods")
    await expect(dialog).to_have_count(0)
    await at.watched.open("/methods")
    await page.keyboard.press("n")
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Task by id or command").fill("short")
    await page.keyboard.press("Enter")
    await dialog.get_by_label("Shortcuts of one key work").check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New task")


async def test_the_help_names_the_keys_that_work_and_no_others(at: Desk) -> None:
    page, heading = at.page, at.page.get_by_role("heading", level=1)
    await at.failed(2, payload=1)
    dialog, rows = page.get_by_role("dialog"), at.rows.locator("a")

    async def opens(key: str) -> None:
        await page.keyboard.press(key)
        await expect(dialog).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)

    await at.watched.open("/tasks")
    await page.keyboard.press("Shift+Slash")
    await expect(dialog).to_be_visible()
    listed = set(await dialog.locator("kbd").all_inner_texts())
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await opens("Control+k")
    await opens("Shift+Slash")
    await page.keyboard.press("/")
    await expect(page.get_by_role("combobox")).to_be_focused()
    await heading.focus()
    await page.keyboard.press("j")
    await expect(rows.first).to_be_focused()
    await page.keyboard.press("j")
    await expect(at.rows.nth(1).locator("a").first).to_be_focused()
    await page.keyboard.press("k")
    await expect(rows.first).to_be_focused()
    await page.keyboard.press("x")
    await expect(at.rows.first.get_by_role("checkbox")).to_be_checked()
    await page.keyboard.press("Escape")
    await expect(at.rows.first.get_by_role("checkbox")).not_to_be_checked()
    await opens("r")
    await page.keyboard.press("c")
    await expect(page.get_by_role("status")).to_contain_text("there is nothing to cancel")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/tasks/[0-9a-f-]{36}$"))
    await page.keyboard.press("p")
    await expect(page.locator(".live-text")).to_have_text("Paused")
    await page.keyboard.press("n")
    await expect(heading).to_have_text("New task")
    gone = {"g", *"otdbmspy"}  # these are tried one by one above
    assert listed == {"Ctrl K", "?", "/", "j", "k", "x", "Esc", "r", "c", "Enter", "p", "n"} | gone


async def test_a_box_that_can_not_be_loaded_says_so(at: Desk) -> None:
    await at.watched.open("/methods")
    await at.service.kill()
    await at.page.keyboard.press("Shift+Slash")
    await expect(at.page.get_by_role("status")).to_contain_text("This part of the page can't be loaded.")
    await expect(at.page.get_by_role("dialog")).to_have_count(0)
    at.watched.forget_lost()


async def test_the_rows_of_any_list_are_gone_through_and_opened(at: Desk) -> None:
    page, heading = at.page, at.page.get_by_role("heading", level=1)
    await at.failed(1, payload=1)
    await at.watched.open("/destinations")
    await page.keyboard.press("j")
    await expect(page.locator(".dests tbody a").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(heading).to_have_text("Tasks")
    await expect(at.rows).to_have_count(1)
    await at.watched.open("/parameters")  # its rows lead nowhere
    await page.keyboard.press("j")
    await expect(heading).to_have_text("Parameters")


@pytest.mark.parametrize("lang", ["ru", "en"])
async def test_the_jump_box_opens_a_task_and_finds_commands(
    browser: Browser, tmp_path: Path, lang: str
) -> None:
    async with desk(browser, tmp_path, lang=lang) as at:
        page, heading = at.page, at.page.get_by_role("heading", level=1)
        (task_id,) = await at.failed(1, event="order.paid")
        await at.watched.open("/")
        await page.evaluate('document.querySelector(".jump").focus()')
        await page.keyboard.press("Control+k")
        box = page.get_by_role("dialog").get_by_role("combobox")
        await expect(box).to_be_focused()
        await box.fill(f" {task_id.upper()} ")
        await expect(page.get_by_role("option")).to_have_count(1)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{at.service.url}/tasks/{task_id}")
        await page.keyboard.press("Control+k")
        await box.fill("напр" if lang == "ru" else "DEST")
        await expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Enter")
        await expect(heading).to_have_text("Направления" if lang == "ru" else "Destinations")
        await page.keyboard.press("Control+k")
        await box.fill("order")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{at.service.url}/tasks?q=order")
        await expect(at.rows).to_have_count(1)
        await page.locator(".jump").click()
        await expect(box).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator(".jump")).to_be_focused()
        await page.keyboard.press("Control+k")
        await box.fill("по-русски" if lang == "en" else "english")
        await page.keyboard.press("Enter")
        await expect(heading).to_have_text("Задачи" if lang == "en" else "Tasks")


async def test_times_are_shown_in_utc_once_that_is_chosen(browser: Browser, tmp_path: Path) -> None:
    async with desk(browser, tmp_path, timezone_id="Asia/Tokyo") as at:
        page = at.page
        (task_id,) = await at.failed(1)
        await at.watched.open(f"/tasks/{task_id}")
        stamp = page.locator("main time").first
        at_utc = (await stamp.get_attribute("datetime") or "")[11:16]
        assert at_utc not in (await stamp.get_attribute("title") or "")
        await page.locator(".who button").first.click()
        await page.get_by_role("button", name="Times in UTC").click()
        await expect(stamp).to_have_attribute("title", re.compile(f"{at_utc}.*UTC"))
        await page.reload()
        await expect(stamp).to_have_attribute("title", re.compile(f"{at_utc}.*UTC"))
        await page.locator(".who button").first.click()
        await page.get_by_role("button", name="Times of this machine").click()
        await expect(stamp).not_to_have_attribute("title", re.compile("UTC"))
