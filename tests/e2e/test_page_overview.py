"""The overview in a real browser: what is wrong comes first, figures of windows, charts, problems and what to do."""

import asyncio
import hashlib
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Request, Route, expect

from tests.support.browser import PLAIN, watching
from tests.support.desk import Desk
from tests.support.recipient import receiving
from tests.support.service import free_port, serving
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
TOKEN = "oky_secret-of-a-test"
SIGN_IN = """
(token) => fetch("/api/v1/session", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({token})}).then((answer) => answer.status)
"""


def well(words: str) -> re.Pattern[str]:
    """The verdict that all is well; where the tests' own disk is slow, that much may be said instead."""
    return re.compile(rf"^All is well: {words}$|attention: Journal, fdatasync p99$")


async def delivered(at: Desk, count: int) -> None:
    """So many delivered tasks."""
    for n in range(count):
        await at.api.create(url=f"{at.recipient.url}/ok", payload=n)
    await at.api.settles()


async def held(at: Desk, host: str, count: int) -> None:
    """So many tasks wait at a destination that asked to be left alone."""
    first = await at.api.create(url=f"{host}/429?after=3600")
    await at.api.reaches(first, "retrying")
    for _ in range(count - 1):
        await at.api.create(url=f"{host}/ok")
    await wait_until(lambda: state_is(at, host, "held"), 10)


async def state_is(at: Desk, host: str, state: str) -> bool:
    """Is the destination in this state?"""
    found = await at.api.get(f"/destinations?q={host}")
    return any(item["state"] == state for item in found["items"])


async def pause(at: Desk, host: str) -> None:
    """An operator pauses a destination."""
    status, _ = await at.api.call("POST", f"/destinations/{quote(host, safe='')}/pause", {"note": "deploy"})
    assert status == 200


async def test_without_any_task_it_shows_how_to_post_one_and_the_lines_work(at: Desk) -> None:
    page = at.page
    await at.watched.open("/")
    await expect(page.locator(".verdict b")).to_have_text(well("0 delivered in the last hour"))
    lines = page.locator(".line-to-copy pre")
    await expect(lines).to_have_count(3)
    await expect(page.locator(".chart")).to_have_count(0)
    for made, line in zip((1, 2, 4), await lines.all_text_contents(), strict=True):
        shell = await asyncio.create_subprocess_shell(
            line.replace(at.service.url, at.service.local),  # the shell does not know the name
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await shell.communicate()
        assert shell.returncode == 0, said
        assert await at.api.count("event=user.created") == made, said
    await expect(page.locator(".chart")).to_have_count(3)
    await expect(lines).to_have_count(0)


async def test_the_verdict_names_the_worst_and_leads_to_its_tasks(at: Desk) -> None:
    page, said = at.page, at.page.locator(".verdict b")
    await delivered(at, 3)
    await at.watched.open("/")
    await expect(said).to_have_text(re.compile("^All is (well: 3 delivered in the last hour|delivered, but)"))

    await at.failed(2, event="order.paid")
    await expect(said).to_have_text("2 tasks were not delivered")
    host = at.recipient.url.removeprefix("http://")
    await expect(page.locator(".verdict p")).to_contain_text(f"{host} has answered 410 since")
    await page.locator(".verdict").get_by_role("link", name="Show tasks").click()
    await expect(at.rows).to_have_count(2)

    async with receiving() as other, receiving() as third:
        await at.api.create(url=f"{third.url}/ok", delay="1h")
        await pause(at, third.url)
        await held(at, other.url, 4)
        await page.go_back()
        await expect(said).to_have_text("1 destination is held, 4 tasks waiting")
        await expect(page.locator(".verdict-icon")).to_have_class(re.compile("is-failed"))
        links = page.locator(".verdict .btn")
        await expect(links).to_have_text(["Show tasks", "Destinations"])
        await links.first.click()
        await expect(at.rows).to_have_count(4)
        await page.go_back()
        await links.last.click()
        await expect(page).to_have_url(re.compile(r"/destinations\?state=held$"))


async def test_a_paused_destination_is_said_and_resumed(at: Desk) -> None:
    page = at.page
    await pause(at, at.recipient.url)
    await at.api.create(url=f"{at.recipient.url}/ok")
    await at.watched.open("/")
    await expect(page.locator(".verdict b")).to_have_text("1 destination is paused, 1 task waiting")
    row = page.locator(".problems tbody tr")
    await expect(row).to_contain_text("when resumed")
    await row.get_by_role("button", name="Resume").click()
    await expect(page.get_by_role("status")).to_contain_text("is resumed")
    await expect(page.locator(".verdict b")).to_have_text(well("1 delivered in the last hour"))
    await expect(row).to_have_count(0)


async def test_a_hold_is_released_by_its_button(at: Desk) -> None:
    page = at.page
    await held(at, at.recipient.url, 3)
    await at.watched.open("/")
    row = page.locator(".problems tbody tr")
    await expect(row).to_contain_text("429 Too Many Requests · held")
    await expect(row.locator(".c-count")).to_have_text("3")
    await row.get_by_role("button", name="Release").press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The hold of 127.0.0.1")
    await wait_until(lambda: len(at.recipient.arrivals) >= 3, 10)
    assert not await state_is(at, at.recipient.url, "held")


async def test_what_failed_is_retried_after_a_plan_and_the_link_finds_the_same_tasks(at: Desk) -> None:
    page = at.page
    await at.failed(3, event="order.paid")
    await at.api.create(url=f"{at.recipient.url}/404", event="other", max_attempts=1)
    await at.api.settles()
    await at.watched.open("/")
    rows = page.locator(".problems tbody tr")
    await expect(rows.locator(".c-count")).to_have_text(["3", "1"])
    await rows.first.get_by_role("link", name="Tasks").click()
    await expect(at.rows).to_have_count(3)
    await page.go_back()
    await rows.first.get_by_role("button", name="Retry 3…").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading")).to_have_text("Retry 3 tasks?")
    assert len(at.recipient.arrivals) == 4
    await dialog.get_by_role("button", name="Retry 3 tasks").click()
    await expect(page.get_by_role("status")).to_contain_text("Done: 3 done")
    await at.api.settles()
    assert len(at.recipient.arrivals) == 7


async def test_many_problems_are_cut_and_shown_on_demand(at: Desk) -> None:
    page = at.page
    for code in range(430, 442):
        await at.api.create(url=f"{at.recipient.url}/{code}", max_attempts=1)
    await at.api.settles()
    await at.watched.open("/")
    rows = page.locator(".problems tbody tr")
    await expect(rows).to_have_count(10)
    await expect(page.locator(".card-foot")).to_contain_text("10 of 12 shown.")
    await page.get_by_role("link", name="Show all").click()
    await expect(rows).to_have_count(12)
    await expect(page).to_have_url(f"{at.service.url}/?problems=all")
    await page.go_back()
    await expect(rows).to_have_count(10)


async def test_the_window_stands_in_the_address_and_back_returns_to_the_one_before(at: Desk) -> None:
    page = at.page
    await delivered(at, 2)
    await at.watched.open("/")
    scope = page.locator(".scope-line").last
    windows = page.get_by_role("banner").get_by_role("navigation", name="Window")
    await expect(scope).to_contain_text("Last hour, ")
    await windows.get_by_role("link", name="15 min").click()
    await expect(page).to_have_url(f"{at.service.url}/?window=15m")
    await expect(scope).to_contain_text("Last 15 minutes, ")
    await expect(page.locator(".verdict b")).to_have_text(well("2 delivered in the last 15 min"))
    await expect(page.get_by_role("slider").first).to_have_attribute("aria-valuemax", "15")
    await windows.get_by_role("link", name="24 h").click()
    await expect(page.get_by_role("slider").first).to_have_attribute("aria-valuemax", "288")
    await page.reload()
    await expect(scope).to_contain_text("Last 24 hours, ")
    await page.go_back()
    await expect(scope).to_contain_text("Last 15 minutes, ")
    await page.go_back()
    await expect(scope).to_contain_text("Last hour, ")
    await expect(windows.locator("[aria-current]")).to_have_text("1 h")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.locator("main").get_by_role("link", name="6 h").click()
    await expect(scope).to_contain_text("Last 6 hours, ")


async def test_each_figure_opens_the_tasks_that_it_counts(at: Desk) -> None:
    page = at.page
    await delivered(at, 3)
    await at.failed(2)
    nobody = f"http://127.0.0.1:{free_port()}/"
    waits = await at.api.create(url=nobody, retry={"schedule": ["1h"]})
    await at.api.reaches(waits, "retrying")
    for name, count in (("Retrying", 1), ("Accepted", 6), ("Delivered", 3), ("Failed", 2)):
        await at.watched.open("/")
        figure = page.locator(".figure", has_text=name)
        await expect(figure.locator(".value")).to_have_text(str(count))
        await figure.click()
        await expect(at.rows).to_have_count(count)
    await at.watched.open("/")
    for name in ("Queued", "Sending", "Cancelled"):
        await expect(page.locator(".figure", has_text=name).locator(".value")).to_have_text("0")
    await expect(page.locator(".figure", has_text="Sending")).to_contain_text("of 1,024 senders")


async def test_a_chart_is_read_with_the_keyboard_and_the_pointer(at: Desk) -> None:
    page = at.page
    await delivered(at, 2)
    await at.watched.open("/")
    await page.get_by_role("button", name="Pause updates").click()
    charts = page.get_by_role("slider")
    await expect(charts).to_have_count(3)
    waiting, read_out = charts.nth(1), page.locator(".read-out")
    await expect(waiting).to_have_attribute(
        "aria-label", re.compile(r"^Waiting: 0 at \d\d:\d\d, now 0, at most")
    )
    await expect(charts.first).to_have_attribute("aria-label", re.compile("^Mean per minute since"))
    await expect(charts.last).to_have_attribute("aria-label", re.compile(r"p50 .*, p95 .*, p99 "))
    await waiting.focus()
    await expect(read_out).to_have_count(0)
    for key, column in (("ArrowLeft", 59), ("PageDown", 53), ("ArrowRight", 54), ("Home", 1), ("End", 60)):
        await page.keyboard.press(key)
        await expect(waiting).to_have_attribute("aria-valuenow", str(column))
    await expect(waiting).to_have_attribute("aria-valuetext", re.compile(r"^\d\d:\d\d, Waiting 0$"))
    await expect(read_out).to_contain_text("Waiting0")
    await expect(waiting).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(read_out).to_have_count(0)
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Tab")
    await expect(waiting).not_to_be_focused()
    await expect(read_out).to_have_count(0)

    box = await charts.first.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    await expect(charts.first).to_have_attribute("aria-valuenow", re.compile("30|31"))
    await expect(read_out).to_contain_text("accepted")
    await page.mouse.move(5, 5)
    await expect(read_out).to_have_count(0)


async def test_a_chart_is_shown_as_a_table_instead(at: Desk) -> None:
    page = at.page
    await at.api.create(url=f"{at.recipient.url}/ok", delay="1h")
    await at.watched.open("/?window=15m")
    await page.get_by_role("button", name="Waiting: As table").press("Enter")
    await expect(page).to_have_url(f"{at.service.url}/?window=15m&table=waiting")
    table = page.get_by_role("region", name="Waiting")
    await expect(table.locator("tbody tr")).to_have_count(15)
    await expect(table.locator("tbody td.num").first).to_have_text("1")
    await page.get_by_role("button", name="Attempt time: As table").click()
    await expect(page.get_by_role("region", name="Attempt time").get_by_role("columnheader")).to_have_text(
        ["From", "p50", "p95", "p99"]
    )
    await expect(page.get_by_role("slider")).to_have_count(1)
    await page.reload()
    await expect(page.get_by_role("slider")).to_have_count(1)
    await page.get_by_role("button", name="Waiting: As chart").click()
    await expect(page.get_by_role("slider")).to_have_count(2)


async def test_what_could_not_be_refreshed_is_marked_and_never_called_well(at: Desk) -> None:
    page, marks, said = at.page, at.page.locator(".old"), at.page.locator(".verdict b")
    await delivered(at, 1)
    await at.watched.open("/")
    await expect(said).to_have_text(re.compile("^All is "))
    await expect(marks).to_have_count(0)
    await at.service.kill()
    at.watched.expect_statuses()
    await expect(said).to_have_text("It is not known how things stand")
    await expect(page.locator(".verdict-icon.is-delivered")).to_have_count(0)
    await expect(marks).to_have_count(7)  # verdict, figures, three charts, problems, health
    await expect(marks.first).to_contain_text("Data of ")
    await expect(page.locator(".figure", has_text="Delivered").locator(".value")).to_have_text("1")
    await at.service.start()
    await expect(marks).to_have_count(0)
    await expect(said).to_have_text(re.compile("^All is "))
    at.watched.forget_lost()


async def test_paused_updates_make_it_old(at: Desk) -> None:
    page = at.page
    await delivered(at, 1)
    await page.clock.install()
    await at.watched.open("/")
    await page.get_by_role("button", name="Pause updates").click()
    await page.clock.run_for(5_000)
    await expect(page.locator(".old")).to_have_count(0)
    await page.clock.run_for(7_000)
    await expect(page.locator(".old")).to_have_count(7)
    await expect(page.locator(".verdict b")).to_have_text("It is not known how things stand")


async def test_a_block_that_fails_says_what_and_leaves_the_others(at: Desk) -> None:
    page = at.page
    await delivered(at, 1)
    at.watched.expect_statuses(503)
    answer = {
        "status": 503,
        "headers": {"Retry-After": "7", "X-Request-Id": "r-1"},
        "body": '{"code": "store_busy", "request_id": "r-1"}',
    }

    async def refuse(route: Route) -> None:
        await route.fulfill(**answer)  # type: ignore[arg-type]

    await page.route("**/api/v1/problems?*", refuse)
    await at.watched.open("/")
    alert = page.locator(".grid-wide").get_by_role("alert")
    await expect(alert).to_contain_text("Another program holds the database")
    await expect(alert).to_contain_text("Try again in 7 seconds")
    await expect(alert).to_contain_text("store_busy · r-1")
    await expect(page.locator(".verdict b")).to_have_text("It is not known how things stand")
    await expect(page.locator(".figure", has_text="Delivered").locator(".value")).to_have_text("1")
    await page.unroute("**/api/v1/problems?*")
    await alert.get_by_role("button", name="Try again").click()
    await expect(page.locator(".grid-wide")).to_contain_text("No problem now")
    await expect(page.locator(".verdict b")).to_have_text(well("1 delivered in the last hour"))


async def test_who_may_only_look_cannot_act_on_a_problem(browser: Browser, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.touch(0o600)
    tokens.write_text(f"vera viewer {hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
    problem = (
        '{"items": [{"destination": "http://a:80", "outcome": "503", "rule": null, "state": "held", "waiting": 2,'
        ' "failed": 0, "first_at": "2026-01-01T00:00:00Z", "last_at": null, "next_attempt_at": null,'
        ' "sample_id": null}], "more": false}'
    )
    async with (
        serving(tmp_path, {"auth": {"tokens_file": str(tokens)}}, name=PLAIN) as service,
        watching(browser, service.url) as watched,
    ):
        page = watched.page
        watched.expect_statuses(401, 404)
        await watched.open("/nothing")
        assert await page.evaluate(SIGN_IN, TOKEN) == 204
        await page.route("**/api/v1/problems?*", lambda route: route.fulfill(body=problem))
        await page.route(
            "**/api/v1/statuses",
            lambda route: route.fulfill(body='{"items": [{"status": "retrying", "count": 2}]}'),
        )
        await watched.open("/")
        release = page.get_by_role("button", name="Release")
        await expect(release).to_have_attribute("title", "Your role can't do this")
        await expect(release).to_have_attribute("aria-disabled", "true")
        posted: list[str] = []

        def note(request: Request) -> None:
            if request.method == "POST":
                posted.append(request.url)

        page.on("request", note)
        await release.press("Enter")
        await watched.open("/system")
        assert posted == []
