"""The list of tasks in a real browser: the filter box, pages, selection, columns, views, export, keys."""

import csv
import json
import re
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Download, Locator, Page, expect

from tests.support.browser import pasted
from tests.support.desk import Desk, desk
from tests.support.service import free_port
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests


async def names(page: Page) -> list[str]:
    """The terms in the filter box."""
    return await page.locator(".filter .term").all_text_contents()


async def beside(page: Page, button: Locator) -> bool:
    """Does the open menu stand at its button, and within the window?"""
    menu, own = await page.locator(".menu").bounding_box(), await button.bounding_box()
    assert menu is not None
    assert own is not None
    below, above = menu["y"] - own["y"] - own["height"], own["y"] - menu["y"] - menu["height"]
    near = 0 <= below <= 8 or 0 <= above <= 8
    return near and menu["y"] > 0 and menu["y"] + menu["height"] < 900


async def test_the_box_and_the_url_are_two_writings_of_one_filter(at: Desk) -> None:
    page = at.page
    await at.failed(2, event="order.paid", labels={"tenant": "acme"})
    await at.failed(1, event="user.created")
    await at.watched.open("/tasks?group=failed")
    box = page.get_by_role("combobox", name="Filter")
    await expect(at.rows).to_have_count(3)
    assert await names(page) == ["group:failed"]
    await box.press_sequentially("label.tenant:acme ")
    await expect(page).to_have_url(f"{at.service.url}/tasks?group=failed&label.tenant=acme")
    await expect(at.rows).to_have_count(2)
    await expect(page.locator(".tabs a", has_text="Failed")).to_have_text("Failed2")
    await expect(box).to_be_focused()
    await box.press_sequentially('"user created"')
    await box.press("Enter")
    await expect(page.locator(".empty")).to_contain_text("No task matches")
    await expect(page.locator(".empty")).to_contain_text("Group: Failed · tenant: acme")
    await expect(page).to_have_url(re.compile("q=%22user\\+created%22"))
    await page.go_back()
    await expect(at.rows).to_have_count(2)
    assert await names(page) == ["group:failed", "label.tenant:acme"]
    await page.go_back()
    await expect(at.rows).to_have_count(3)
    await page.get_by_role("button", name="Remove the condition group:failed").click()
    await expect(page).to_have_url(f"{at.service.url}/tasks")


async def test_backspace_takes_the_last_term_back_into_the_box(at: Desk) -> None:
    page = at.page
    await at.failed(1, event="order.paid")
    await at.watched.open("/tasks?status=failed&event=order.pai")
    box = page.get_by_role("combobox", name="Filter")
    await expect(page.locator(".empty")).to_be_visible()
    await box.press("Backspace")
    await expect(box).to_have_value("event:order.pai")
    assert page.url.endswith("event=order.pai")
    await box.press_sequentially("d")
    await box.press("Enter")
    await expect(at.rows).to_have_count(1)
    assert await names(page) == ["status:failed", "event:order.paid"]
    await box.press("Backspace")
    await box.press("Escape")
    assert await names(page) == ["status:failed", "event:order.paid"]
    await box.press_sequentially("code:4")
    await page.locator("main .card-foot").click()
    await expect(box).not_to_be_focused()
    await expect(box).to_have_value("code:4")
    assert await names(page) == ["status:failed", "event:order.paid"]


async def test_a_term_that_cannot_be_read_stays_and_the_list_keeps_its_filter(at: Desk) -> None:
    page = at.page
    await at.failed(2)
    await at.api.create(url=f"{at.recipient.url}/ok")
    await at.watched.open("/tasks?status=failed")
    box = page.get_by_role("combobox", name="Filter")
    await box.press_sequentially("reson:expired ")
    await expect(page.get_by_role("alert")).to_contain_text("There is no such word")
    await expect(page.locator(".term-bad")).to_have_text("reson:expired")
    await expect(at.rows).to_have_count(2)
    assert page.url.endswith("?status=failed")
    await page.get_by_role("button", name="Did you mean reason:expired?").click()
    await expect(page).to_have_url(re.compile("status=failed&reason=expired$"))
    await expect(page.get_by_role("alert")).to_have_count(0)
    await box.press_sequentially("error:timeuot ")
    await page.get_by_role("button", name="Did you mean error:timeout?").click()
    await expect(page).to_have_url(re.compile("error=timeout$"))


async def test_an_address_with_a_filter_that_cannot_be_read_finds_nothing_rather_than_all(at: Desk) -> None:
    page = at.page
    await at.failed(2)
    at.watched.expect_statuses(422)
    await at.watched.open("/tasks?status=failed&q=billing.internal%3A8443")
    await expect(page.locator(".term-bad")).to_have_text("billing.internal:8443")
    await expect(page.locator("#filter-fault")).to_contain_text("There is no such word")
    await expect(page.locator(".card .empty")).to_contain_text("The request has faults")
    await expect(at.rows).to_have_count(0)
    await page.get_by_role("button", name="Remove the condition billing.internal:8443").click()
    await expect(at.rows).to_have_count(2)


async def test_words_and_values_are_completed(at: Desk) -> None:
    page = at.page
    await at.failed(1)
    await at.watched.open("/tasks")
    box = page.get_by_role("combobox", name="Filter")
    options = page.get_by_role("option")
    await box.press_sequentially("st")
    await expect(options).to_have_text(["status:"])
    await box.press("ArrowDown")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await box.press("Enter")
    await expect(options).to_have_count(6)
    await expect(options.nth(4)).to_have_text("failedFailed")
    await box.press_sequentially("fa")
    await expect(options).to_have_count(1)
    await box.press("ArrowDown")
    await box.press("Tab")
    await expect(page).to_have_url(re.compile(r"\?status=failed$"))
    await expect(box).to_be_focused()
    await box.press_sequentially("method:P")
    await expect(options).to_have_text(["POST", "PUT", "PATCH"])
    await options.nth(0).click()
    await expect(page).to_have_url(re.compile("method=POST"))
    await box.press_sequentially("destination:http")
    await box.press("Escape")
    await expect(at.rows).to_have_count(1)


async def test_values_that_the_service_knows_are_offered_and_quoted(at: Desk) -> None:
    page = at.page
    asked: list[str] = []

    async def suggest(route, request) -> None:  # type: ignore[no-untyped-def]
        asked.append(request.url.partition("?")[2])
        await route.fulfill(json={"items": [{"value": "a b,c", "count": 7}]})

    await page.route("**/suggest?*", suggest)
    await at.watched.open("/tasks")
    box = page.get_by_role("combobox", name="Filter")
    await box.press_sequentially("event:a")
    await expect(page.get_by_role("option")).to_have_text("a b,c7")
    assert asked[-1] == "field=event&prefix=a"
    await page.get_by_role("option").click()
    await expect(page).to_have_url(re.compile("q=event%3A%22a\\+b%2Cc%22$"))


async def test_a_pasted_id_opens_the_task(at: Desk) -> None:
    (task,) = await at.failed(1)
    await at.watched.open("/tasks")
    await at.page.get_by_role("combobox", name="Filter").fill(f" {task.upper()}")
    await expect(at.page.locator(".task-head .badge")).to_have_text("Failed · stopped by the recipient")


async def test_pages_stay_where_they_are_while_tasks_arrive(at: Desk) -> None:
    page = at.page
    made = [await at.api.create(url=f"{at.recipient.url}/ok") for _ in range(60)]
    await at.api.settles()
    await at.watched.open("/tasks?limit=25")
    await page.get_by_role("link", name="Older").click()
    await expect(at.rows.first).to_have_attribute("data-key", made[-26])
    later = [await at.api.create(url=f"{at.recipient.url}/ok") for _ in range(30)]
    await page.get_by_role("link", name="Older").click()
    await expect(at.rows.first).to_have_attribute("data-key", made[-51])
    await expect(at.rows).to_have_count(10)
    await page.get_by_role("link", name="Newer").click()
    await expect(at.rows.first).to_have_attribute("data-key", made[-26])
    await page.get_by_role("link", name="Newer").click()
    await expect(at.rows.first).to_have_attribute("data-key", made[-1])
    await expect(page.get_by_role("link", name="Newer")).to_be_visible()
    await page.get_by_role("link", name="Newer").click()
    await expect(at.rows.first).to_have_attribute("data-key", later[-6])


async def test_a_row_whose_last_code_no_longer_matches_stays_muted_until_the_list_is_asked_anew(
    at: Desk,
) -> None:
    url = f"{at.recipient.url}/fail-then-ok?n=1&key=a"
    task = await at.api.create(url=url, max_attempts=1)
    await at.api.reaches(task, "failed")
    await at.watched.open("/tasks?code=500")
    await at.api.call("POST", f"/tasks/{task}/retry")
    await expect(at.rows).to_contain_text("no longer matches")
    await expect(at.rows).to_contain_text("Delivered")
    await at.page.reload()
    await expect(at.page.locator(".empty")).to_be_visible()


async def test_rows_are_chosen_one_by_one_by_range_and_by_page(at: Desk) -> None:
    page = at.page
    made = await at.failed(30)
    await at.watched.open("/tasks?group=failed&limit=25")
    cells = page.locator(".tasks td.c-check")
    bar = page.locator(".select-bar")
    await expect(bar).to_contain_text("Select tasks to")
    box = await at.rows.nth(10).bounding_box()
    await cells.nth(1).click(position={"x": 3, "y": 3})  # the whole cell is the target
    await expect(cells.nth(1).get_by_role("checkbox")).to_be_checked()
    assert await at.rows.nth(10).bounding_box() == box  # and nothing moves
    await cells.nth(4).get_by_role("checkbox").click(modifiers=["Shift"])
    await expect(bar).to_contain_text("Selected 4 of 25 on this page.")
    await cells.nth(2).get_by_role("checkbox").click()
    await expect(page.locator(".tasks tr.picked")).to_have_count(3)
    head = bar.get_by_role("checkbox")
    assert await head.evaluate("(box) => box.indeterminate")
    await head.click()
    await expect(bar).to_contain_text("Selected 25 of 25")
    await page.get_by_role("link", name="Older").click()
    await expect(at.rows).to_have_count(5)
    await expect(bar).to_contain_text("Selected 25, not only on this page.")
    await expect(page.get_by_role("link", name="Newer")).to_be_focused()  # no older page: that stop has gone
    await cells.nth(0).click()
    await page.get_by_role("link", name="Newer").click()
    await expect(bar).to_contain_text("Selected 26")
    await at.rows.nth(3).locator(".c-id a").click()
    await expect(page.locator(".task-head")).to_be_visible()
    await page.go_back()
    await expect(bar).to_contain_text("Selected 26")
    await expect(at.rows.nth(3).locator(".c-id a")).to_be_focused()
    await expect(at.rows.nth(3)).to_have_attribute("data-key", made[-4])
    await page.locator(".tabs a", has_text="All").click()
    await expect(bar).to_contain_text("Select tasks to")
    await page.go_back()
    await expect(bar).to_contain_text("Selected 26")
    await page.get_by_role("button", name="Clear").click()
    await expect(page.locator(".tasks tr.picked")).to_have_count(0)
    await expect(head).to_be_focused()


async def test_no_more_are_chosen_than_an_operation_takes(at: Desk) -> None:
    page = at.page
    await at.failed(201)
    await at.watched.open("/tasks?limit=200")
    bar = page.locator(".select-bar")
    await expect(at.rows).to_have_count(200)
    await bar.get_by_role("checkbox").click()
    await page.get_by_role("link", name="Older").click()
    await expect(at.rows).to_have_count(1)
    box = at.rows.first.get_by_role("checkbox")
    await box.click()
    await expect(page.get_by_role("status")).to_contain_text("Selected 200: no more can be selected")
    await expect(box).not_to_be_checked()


async def test_columns_density_and_page_size_are_chosen_and_kept(at: Desk) -> None:
    page = at.page
    await at.failed(1, labels={"tenant": "acme"}, order_key="k-7")
    await at.watched.open("/tasks")
    height = "() => document.querySelector('.tasks tbody tr').getBoundingClientRect().height"
    assert await page.evaluate(height) >= 40
    await page.get_by_role("button", name="Columns").click()
    menu = page.locator(".menu")
    await menu.get_by_text("Labels").click()
    await menu.get_by_text("Order key").click()
    await menu.get_by_text("Compact rows").click()
    await expect(page.locator(".tasks .c-more")).to_have_text(["Labels", "Order key", "tenant=acme", "k-7"])
    assert await page.evaluate(height) <= 33
    await menu.get_by_role("link", name="100").click()
    await expect(page).to_have_url(re.compile("limit=100"))
    await expect(menu).to_have_count(0)
    await page.reload()
    await expect(page.locator(".tasks .c-more")).to_have_count(4)
    assert await page.evaluate(height) <= 33


async def test_the_menu_of_a_row_copies_acts_and_leads_on(at: Desk) -> None:
    page = at.page
    (task,) = await at.failed(1, body="it's", content_type="text/plain", headers={"X-Trace": "t-1"})
    await at.watched.open("/tasks")
    more = at.rows.get_by_role("button", name="Actions")
    await more.click()
    await page.locator(".menu").get_by_text("Copy as curl").click()
    await expect(page.get_by_role("status")).to_have_text("Copied")
    command = await pasted(page)
    assert command.startswith(f"curl -sS -X POST {at.recipient.url}/410")
    assert "-H 'X-Trace: t-1'" in command
    assert "--data-binary 'it'\\''s'" in command
    await more.click()
    await page.locator(".menu").get_by_text("Copy the id").click()
    assert await pasted(page) == task

    await more.press("Enter")
    cancel = page.locator(".menu").get_by_text("Cancel…")
    await expect(cancel).to_have_attribute("title", "Given up already: there is nothing to cancel")
    await page.keyboard.press("Escape")
    await expect(page.locator(".menu")).to_have_count(0)
    await expect(more).to_be_focused()
    await more.click()
    await page.locator(".menu").get_by_text("Resend as new…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Resend").click()
    await expect(page.get_by_role("status")).to_have_text("The copy is queued")
    assert await at.api.count(f"parent={task}") == 1
    await more.first.click()
    await page.locator(".menu").get_by_text("All at this destination").click()
    await expect(page).to_have_url(re.compile("destination=http"))


async def test_a_menu_stands_at_its_button_however_far_down_that_is(at: Desk) -> None:
    page = at.page
    await at.failed(40)
    await at.watched.open("/tasks")
    for index in (0, 20, 39):
        button = at.rows.nth(index).get_by_role("button", name="Actions")
        await button.click()
        for scrolled in (0, 90):
            await page.mouse.wheel(0, scrolled)
            await wait_until(partial(beside, page, button))
        await page.keyboard.press("Escape")


async def test_a_menu_higher_than_the_window_stays_in_it_and_scrolls(at: Desk) -> None:
    page = at.page
    await at.failed(1)
    await at.watched.open("/tasks")
    await page.set_viewport_size({"width": 320, "height": 256})
    await page.get_by_role("button", name="Columns").click()
    box = await page.locator(".menu").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 256
    await page.locator(".menu").get_by_role("link", name="200").scroll_into_view_if_needed()
    await expect(page.locator(".menu").get_by_role("link", name="200")).to_be_in_viewport()
    await page.set_viewport_size({"width": 1440, "height": 900})


async def test_filters_are_kept_as_views(at: Desk) -> None:
    page = at.page
    await at.failed(2, event="order.paid")
    await at.api.create(url=f"http://127.0.0.1:{free_port()}/", retry={"schedule": ["1h"]})
    await at.watched.open("/tasks?event=order.paid")
    views = page.get_by_role("button", name="Views")
    await views.click()
    await page.get_by_role("button", name="Keep this filter as a view").click()
    await page.get_by_label("Name").fill("Paid <b>")
    await page.get_by_role("button", name="Keep", exact=True).click()
    await views.click()
    await page.locator(".menu").get_by_text("Failed today").click()
    await expect(page).to_have_url(re.compile("status=failed&finished_from="))
    await expect(at.rows).to_have_count(2)
    await page.reload()
    await views.click()
    await page.locator(".menu").get_by_text("Paid <b>").click()
    await expect(page).to_have_url(f"{at.service.url}/tasks?event=order.paid")
    await views.click()
    await page.get_by_role("button", name="Remove the view Paid <b>").click()
    await expect(page.locator(".menu").get_by_text("Paid <b>")).to_have_count(0)
    await expect(page.locator(".menu a").last).to_be_focused()
    await page.locator(".menu").get_by_text("Oldest due").click()
    await expect(page).to_have_url(re.compile("due_before=-1m&order=oldest"))


async def test_the_oldest_come_first_where_that_is_asked_for(at: Desk) -> None:
    made = await at.failed(3)
    await at.watched.open("/tasks")
    await at.page.get_by_role("link", name="Age").click()
    await expect(at.rows.first).to_have_attribute("data-key", made[0])
    await expect(at.page.locator("th.c-age")).to_have_attribute("aria-sort", "descending")


async def test_the_tasks_of_a_filter_are_exported_after_they_were_counted(at: Desk, tmp_path: Path) -> None:
    page = at.page
    await at.failed(3, event="=1+1")
    await at.failed(1, event="other")
    await at.watched.open("/tasks?event=%3D1%2B1")

    async def saved(form: str) -> str:
        await page.get_by_role("button", name="Export").click()
        await expect(page.get_by_role("dialog")).to_contain_text("Tasks3")
        async with page.expect_download() as waiting:
            await page.get_by_role("dialog").get_by_role("button", name=form).click()
        download: Download = await waiting.value
        assert download.suggested_filename == f"tasks.{form.lower()}"
        await download.save_as(tmp_path / "saved")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        return (tmp_path / "saved").read_text("utf-8")

    lines = (await saved("NDJSON")).splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["=1+1"] * 3
    rows = list(csv.DictReader((await saved("CSV")).splitlines()))
    assert [row["event"] for row in rows] == ["'=1+1"] * 3


async def test_the_list_is_worked_by_keys_alone_on_any_layout(at: Desk) -> None:
    page, keyboard = at.page, at.page.keyboard
    made = await at.failed(4)
    await at.watched.open("/tasks")
    await keyboard.press("KeyJ")
    await keyboard.press("KeyJ")
    await expect(at.rows.nth(1).locator(".c-id a")).to_be_focused()
    await keyboard.press("KeyK")
    await keyboard.press("KeyX")
    await expect(page.locator(".select-bar")).to_contain_text("Selected 1 of 4")
    await page.evaluate(  # a Russian layout: the same key, another letter
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {code: 'KeyJ', key: 'о', bubbles: true, cancelable: true}))"
    )
    await expect(at.rows.nth(1).locator(".c-id a")).to_be_focused()
    await keyboard.press("KeyX")
    await expect(at.rows.nth(1).get_by_role("checkbox")).to_be_checked()
    await keyboard.press("KeyR")
    await expect(page.get_by_role("dialog")).to_contain_text("Retry 2 tasks?")
    await keyboard.press("Escape")
    await keyboard.press("Escape")
    await expect(page.locator(".select-bar")).to_contain_text("Select tasks to")
    await keyboard.press("KeyC")
    await expect(page.get_by_role("status")).to_have_text("Given up already: there is nothing to cancel")
    await keyboard.press("Slash")
    await expect(page.get_by_role("combobox", name="Filter")).to_be_focused()
    await keyboard.press("KeyJ")
    await expect(page.get_by_role("combobox", name="Filter")).to_have_value("j")
    await keyboard.press("Escape")
    await keyboard.press("Escape")
    await expect(page.locator(".filter .term")).to_have_count(0)
    await keyboard.press("KeyJ")
    await keyboard.press("Control+KeyX")
    await expect(page.locator(".tasks tr.picked")).to_have_count(0)
    await keyboard.press("Enter")
    await expect(page).to_have_url(f"{at.service.url}/tasks/{made[-1]}")


async def test_a_held_destination_says_until_when(at: Desk) -> None:
    held = await at.api.create(url=f"{at.recipient.url}/429?after=200", retry={"schedule": ["1s"]})
    await at.api.reaches(held, "retrying")
    await at.api.create(url=f"{at.recipient.url}/ok")
    await at.watched.open("/tasks")
    await expect(at.rows.first).to_contain_text("held until")
    key = quote(at.recipient.url, safe="")
    await at.api.call("POST", f"/destinations/{key}/pause", {"note": "for a while"})
    await expect(at.rows.nth(1)).to_contain_text("paused")


async def test_without_any_task_it_is_told_how_to_post_one(at: Desk) -> None:
    await at.watched.open("/tasks")
    await expect(at.page.locator("main")).to_contain_text("No task yet. Post the first one:")
    await expect(at.page.locator("main pre").first).to_contain_text(f"{at.service.url}/api/v1/tasks")


async def test_cards_are_still_a_table_to_who_cannot_see_them(browser: Browser, tmp_path: Path) -> None:
    async with desk(browser, tmp_path, width=390) as at:
        await at.failed(2)
        await at.watched.open("/tasks")
        table = at.page.get_by_role("table")
        await expect(table.get_by_role("row")).to_have_count(2)
        await expect(table.get_by_role("cell", name="Failed")).to_have_count(2)
        await at.rows.first.get_by_role("checkbox").click()
        await expect(at.page.locator(".select-bar")).to_contain_text("Selected 1 of 2")
        await at.page.get_by_role("button", name="Views").click()
        assert await at.page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_the_tabs_take_the_counts_that_the_frame_has_asked_for(at: Desk) -> None:
    page, asked = at.page, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    await at.failed(2)
    await at.watched.open("/tasks")
    await expect(page.locator(".tabs a", has_text="Failed").locator(".count")).to_have_text("2")
    assert len([url for url in asked if url.endswith("/statuses")]) == 1
    await expect(page.locator(".live")).to_contain_text("Live")
    await at.failed(1)
    await expect(page.locator(".tabs a", has_text="Failed").locator(".count")).to_have_text("3")


async def test_the_tab_of_what_is_asked_for_is_marked(at: Desk) -> None:
    page = at.page
    await at.failed(1)
    marked = page.locator(".tabs [aria-current]")
    for query, name in (
        ("", "All"),
        ("?status=failed", "Failed"),
        ("?status=queued,retrying", "In progress"),
    ):
        await at.watched.open(f"/tasks{query}")
        await expect(marked).to_contain_text(name)
    await at.watched.open("/tasks?status=failed,delivered")
    await expect(page.locator(".tabs a")).to_have_count(5)
    await expect(marked).to_have_count(0)
