"""The page as it is kept up to date: by its stream, by asking when there is none, and not at all while it is paused."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Request, expect

from tests.support.desk import Desk
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
SOON = 4_500  # ms in which a change is seen; shorter than a round of the page's own asking
# What a browser does when another tab is brought before this one, or when it is seen again.
HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
TURN = 'dispatchEvent(new Event("focus"))'


async def live(page: Page, timeout: int = 15_000) -> None:
    """Wait until the pill says so."""
    await expect(page.locator(".live-text")).to_have_text("Live", timeout=timeout)


class Streams:
    """The streams of a page: how many were opened, how many are open."""

    def __init__(self, page: Page) -> None:
        self.opened: list[Request] = []
        self._over: set[Request] = set()
        page.on("request", self._begun)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _begun(self, request: Request) -> None:
        if "/events" in request.url:
            self.opened.append(request)

    def _ended(self, request: Request) -> None:
        self._over.add(request)

    @property
    def open(self) -> int:
        """How many there are now."""
        return len(set(self.opened) - self._over)


async def test_a_change_is_seen_at_once_in_rows_counts_and_announcements(at: Desk) -> None:
    page = at.page
    hanging = await at.api.create(url=f"{at.recipient.url}/hang", payload=1)
    await at.watched.open("/tasks")
    await live(page)
    await expect(at.rows).to_contain_text("Sending")
    for _ in range(3):
        await at.api.create(url=f"{at.recipient.url}/410", payload=1)
    await expect(page.get_by_role("button", name="3 new: show")).to_be_visible(timeout=SOON)
    await expect(page.locator(".tabs a", has_text="Failed")).to_have_text("Failed3", timeout=SOON)
    await expect(page.locator(".nav-link", has_text="Failed")).to_have_text("Failed3", timeout=SOON)
    await expect(page.get_by_role("status")).to_contain_text("new task")
    await expect(at.rows).to_have_count(1)
    at.recipient.gone.set()  # it answers
    await expect(at.rows).to_contain_text("Delivered", timeout=SOON)
    await expect(at.rows).to_have_attribute("data-key", hanging)


async def test_a_task_that_is_looked_at_changes_at_once(at: Desk) -> None:
    task_id = await at.api.create(url=f"{at.recipient.url}/hang", payload=1)
    await at.watched.open(f"/tasks/{task_id}")
    await live(at.page)
    await expect(at.page.locator(".task-head .badge")).to_have_text("Sending")
    at.recipient.gone.set()
    await expect(at.page.locator(".task-head .badge")).to_have_text("Delivered", timeout=2 * SOON)


async def test_one_stream_at_a_time_with_what_the_screen_wants_to_hear(at: Desk) -> None:
    page, streams = at.page, Streams(at.page)
    (task_id,) = await at.failed(1)
    await at.watched.open("/parameters")
    await live(page)
    assert "topics=stats,bulk" in streams.opened[-1].url
    await page.get_by_role("link", name="Tasks", exact=True).first.click()
    await expect(at.rows).to_have_count(1)
    await wait_until(lambda: f"task={task_id.replace('-', '')}" in streams.opened[-1].url, 5)
    assert "list" in streams.opened[-1].url
    assert await streams.opened[-1].header_value("last-event-id")
    await page.locator(".tabs a", has_text="Failed").click()
    await wait_until(lambda: "group=failed" in streams.opened[-1].url, 5)
    await wait_until(lambda: streams.open == 1, 5)
    await live(page)


async def test_what_somebody_is_at_is_left_alone(at: Desk) -> None:
    page = at.page
    ids = [await at.api.create(url=f"{at.recipient.url}/hang", payload=n) for n in range(2)]
    await at.watched.open("/tasks")
    await live(page)
    selected, behind = (page.locator(f'.tasks tbody tr[data-key="{task_id}"]') for task_id in ids)
    await expect(selected).to_contain_text("Sending")
    await expect(behind).to_contain_text("Sending")
    await selected.locator(".c-id").evaluate("(cell) => getSelection().selectAllChildren(cell)")
    words = await page.evaluate("getSelection().toString()")
    at.recipient.gone.set()
    await expect(behind).to_contain_text("Delivered", timeout=SOON)
    await expect(selected).to_contain_text("Sending")
    assert await page.evaluate("getSelection().toString()") == words != ""
    await page.evaluate("getSelection().removeAllRanges()")
    await expect(selected).to_contain_text("Delivered", timeout=SOON)


async def test_a_dialog_holds_what_is_behind_it_and_survives(at: Desk) -> None:
    page = at.page
    task_id = await at.api.create(url=f"{at.recipient.url}/hang", payload=1)
    await at.watched.open("/tasks")
    await live(page)
    await expect(at.rows).to_contain_text("Sending")
    await page.keyboard.press("Shift+Slash")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(dialog).to_be_visible()
    at.recipient.gone.set()
    await at.api.reaches(task_id, "delivered")
    await expect(page.locator(".nav-link", has_text="Delivered")).to_have_text("Delivered1", timeout=SOON)
    await expect(at.rows).to_contain_text("Sending")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(at.rows).to_contain_text("Delivered", timeout=SOON)


async def test_focus_and_scroll_survive_what_changes(at: Desk) -> None:
    page = at.page
    url = f"{at.recipient.url}/fail-then-ok?n=1&key="
    ids = [await at.api.create(url=f"{url}{n}", payload=n, max_attempts=1) for n in range(30)]
    await at.api.settles()
    await at.watched.open("/tasks")
    await live(page)
    link = page.locator(f'tr[data-key="{ids[3]}"] .c-id a')
    await link.focus()
    scrolled = await page.evaluate("scrollY")
    assert scrolled > 0
    await at.api.call("POST", f"/tasks/{ids[3]}/retry")
    await at.api.call("POST", f"/tasks/{ids[-1]}/retry")
    await expect(page.locator(f'tr[data-key="{ids[-1]}"]')).to_contain_text("Delivered", timeout=SOON)
    row = page.locator(f'tr[data-key="{ids[3]}"]')
    await expect(row).to_contain_text("Failed")
    await expect(row).to_contain_text("Delivered", timeout=2 * SOON)
    await expect(link).to_be_focused()
    assert await page.evaluate("scrollY") == scrolled


async def test_a_hidden_tab_has_no_stream_and_catches_up(at: Desk) -> None:
    page, streams = at.page, Streams(at.page)
    await at.failed(1)
    await at.watched.open("/tasks")
    await live(page)
    await wait_until(lambda: streams.open == 1, 5)
    await page.evaluate(HIDE, arg=True)
    await wait_until(lambda: streams.open == 0, 5)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await at.failed(2)
    assert asked == []
    await page.evaluate(HIDE, arg=False)
    await expect(page.get_by_role("button", name="2 new: show")).to_be_visible(timeout=SOON)
    await live(page)
    assert streams.open == 1


async def test_paused_stays_paused_after_focus_and_over_a_restart(at: Desk) -> None:
    page, streams = at.page, Streams(at.page)
    await at.failed(1)
    await at.watched.open("/tasks")
    await live(page)
    await page.keyboard.press("p")
    await expect(page.locator(".live-text")).to_have_text("Paused")
    await wait_until(lambda: streams.open == 0, 5)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await at.service.kill()
    await at.service.start()
    await at.failed(1)
    await page.evaluate(HIDE, arg=True)
    await page.evaluate(HIDE, arg=False)
    await page.evaluate(TURN)
    await at.api.settles()
    assert asked == []
    await expect(page.locator(".live-text")).to_have_text("Paused")
    await page.get_by_role("button", name="Resume updates").click()
    await live(page)
    await expect(page.get_by_role("button", name="1 new: show")).to_be_visible(timeout=SOON)


async def test_a_killed_service_is_told_and_the_page_is_live_again_by_itself(at: Desk) -> None:
    page, pill = at.page, at.page.locator(".live-text")
    await at.failed(1)
    await at.watched.open("/tasks")
    await page.evaluate("globalThis.kept = true")
    await live(page)
    await at.service.kill()
    await expect(pill).to_have_text("Reconnecting", timeout=SOON)
    await expect(pill).to_contain_text("Stale since")
    await expect(page.get_by_role("status")).to_contain_text("Stale since")
    await expect(at.rows).to_have_count(1)
    await at.service.start()
    await live(page)
    await expect(page.locator(".notice-warn")).to_have_count(0)
    made = await at.failed(1)
    await expect(page.get_by_role("button", name="1 new: show")).to_be_visible(timeout=SOON)
    await page.get_by_role("button", name="1 new: show").click()
    await expect(at.rows.first).to_have_attribute("data-key", made[0])
    assert await page.evaluate("globalThis.kept")
    at.watched.forget_lost()


@pytest.mark.timeout(120)  # the stream is tried again after up to 38 s
async def test_where_no_stream_gets_through_the_page_asks(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(502)
    await page.route("**/api/v1/events?*", lambda route: route.fulfill(status=502, body="no"))
    task_id = await at.api.create(url=f"{at.recipient.url}/hang", payload=1)
    await at.watched.open("/tasks")
    await expect(page.locator(".live-text")).to_have_text("Every 5 s")
    at.recipient.gone.set()
    await at.api.reaches(task_id, "delivered")
    await expect(at.rows).to_contain_text("Delivered")
    await page.unroute("**/api/v1/events?*")
    await live(page, 60_000)


async def test_seven_windows_work_over_plain_http(at: Desk) -> None:
    context = at.page.context
    pages = [at.page, *[await context.new_page() for _ in range(6)]]
    made = await at.failed(1)
    for page in pages:
        await page.goto(f"{at.service.url}/tasks")
        await expect(page.locator(".tasks tbody tr")).to_have_count(1)
    made += await at.failed(1)
    for page in pages:
        await expect(page.get_by_role("button", name="1 new: show")).to_be_visible()
    for page, pill in zip(pages, ["Every 5 s"] * 3 + ["Live"] * 4, strict=True):
        await expect(page.locator(".live-text")).to_have_text(pill)
    await pages[0].evaluate(TURN)
    await live(pages[0])
    await expect(pages[3].locator(".live-text")).to_have_text("Every 5 s")


async def test_bulk_operations_are_told_as_they_go(at: Desk) -> None:
    page = at.page
    await at.failed(20)
    await at.watched.open("/bulk")
    await live(page)
    wanted = {"action": "retry", "filter": {"group": "failed"}}
    _, plan = await at.api.call("POST", "/bulk", {**wanted, "dry_run": True})
    await at.api.call("POST", "/bulk", {**wanted, "token": plan["token"]})
    await expect(page.locator(".refs tbody tr .badge")).to_have_text("Done", timeout=2 * SOON)
