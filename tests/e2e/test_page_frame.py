"""The frame of the page in a real browser: what is there before the first paint, and what it waits for."""

import asyncio
import zlib
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.support.browser import watching
from tests.support.desk import Desk
from tests.support.service import serving
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
MAIN = "**/js/main.js"
KEPT = "localStorage.setItem('okydrom.{}', '{}')"


class Held:
    """A file of the page that does not come until it is let go: so the page stands still before its first step."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._page = page
        self._pattern = pattern
        self._free = asyncio.Event()

    async def __aenter__(self) -> "Held":
        await self._page.route(self._pattern, self._hold)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._free.set()

    async def _hold(self, route: Route) -> None:
        await self._free.wait()
        await route.continue_()


async def ground(page: Page) -> int:
    """How bright the page is in its upper left corner, as painted: 0 black, 255 white."""
    png = await page.screenshot(clip={"x": 0, "y": 0, "width": 1, "height": 1})
    packed, at = b"", 8
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        packed += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return sum(zlib.decompress(packed)[1:4]) // 3


@pytest.mark.parametrize(("path", "screen"), [("/", "overview"), ("/tasks", "tasks")])
async def test_the_code_of_a_screen_is_asked_for_at_once_not_import_by_import(
    at: Desk, path: str, screen: str
) -> None:
    wanted = ["js/en.js", f"js/screens/{screen}.js", "js/dom.js", "js/table.js", "js/duration.js"]
    asked: list[str] = []
    at.page.on("request", lambda request: asked.append(request.url))
    async with Held(at.page, MAIN):
        await at.page.goto(f"{at.service.url}{path}", wait_until="commit")
        async with asyncio.timeout(15):
            while not all(any(url.endswith(name) for url in asked) for name in wanted):
                await at.page.wait_for_event("request")
    await expect(at.page.get_by_role("heading", level=1)).to_be_visible()
    modules = [url for url in asked if url.endswith(".js")]
    assert len(modules) == len(set(modules)), "none is asked for twice"


async def test_pointing_at_a_link_loads_its_screen_ahead(at: Desk) -> None:
    await at.watched.open("/")
    asked: list[str] = []
    at.page.on("request", lambda request: asked.append(request.url))
    for link, code in {"Tasks": "screens/tasks.js", "Methods": "screens/methods.js"}.items():
        place = at.page.locator(".nav").get_by_role("link", name=link, exact=True)
        async with at.page.expect_request(f"**/{code}"):
            await (place.hover() if link == "Tasks" else place.focus())
    assert not [url for url in asked if "/api/v1/tasks" in url or "/api/v1/methods" in url], (
        "and nothing else"
    )
    await expect(at.page.get_by_role("heading", level=1)).to_have_text("Overview")


@pytest.mark.parametrize(("system", "kept"), [("light", "dark"), ("dark", "light"), ("dark", None)])
async def test_the_first_paint_has_the_theme_that_was_chosen(at: Desk, system: str, kept: str | None) -> None:
    await at.page.emulate_media(color_scheme="dark" if system == "dark" else "light")
    if kept:
        await at.page.add_init_script(KEPT.format("theme", kept))
    dark = (kept or system) == "dark"
    async with Held(at.page, "**/css/tokens.css"):
        await at.page.goto(f"{at.service.url}/", wait_until="commit")
        await at.page.locator("noscript").wait_for(state="attached")
        assert await at.page.evaluate("performance.getEntriesByType('paint').length") == 0
    async with Held(at.page, MAIN):
        await at.page.goto(f"{at.service.url}/", wait_until="commit")
        await at.page.locator("noscript").wait_for(state="attached")
        brightness = await ground(at.page)
        assert brightness < 60 if dark else brightness > 200
    await expect(at.page.get_by_role("heading", level=1)).to_be_visible()
    brightness = await ground(at.page)
    assert brightness < 60 if dark else brightness > 200


async def test_the_language_is_known_before_the_page_is_drawn(browser: Browser, tmp_path: Path) -> None:
    async with serving(tmp_path, {"ui": {"lang": "ru"}}) as service:
        # asked for in the address, kept here, of the browser → what it is
        cases = [
            ("ru", "en", "en-US", "ru"),
            (None, "ru", "en-US", "ru"),
            (None, None, "en-US", "en"),
            ("de", None, "ru-RU", "ru"),
            (None, None, "fr-FR", "ru"),
        ]
        for asked, kept, spoken, expected in cases:
            async with watching(browser, service.url) as watched:
                page = watched.page
                session = await page.context.new_cdp_session(page)
                await session.send(
                    "Emulation.setUserAgentOverride", {"userAgent": "test", "acceptLanguage": spoken}
                )
                if kept:
                    await page.add_init_script(KEPT.format("lang", kept))
                async with Held(page, MAIN):
                    query = f"?lang={asked}" if asked else ""
                    await page.goto(f"{service.url}/{query}", wait_until="commit")
                    await page.locator("noscript").wait_for(state="attached")
                    known = await page.evaluate("document.documentElement.lang")
                    assert known == expected, (asked, kept, spoken)
                title = {"ru": "Обзор", "en": "Overview"}[expected]
                await expect(page.get_by_role("heading", level=1)).to_have_text(title)


async def test_back_gives_place_and_focus_once_the_screen_is_there_unless_the_reader_was_quicker(
    at: Desk,
) -> None:
    page = at.page
    await at.failed(30)
    await at.watched.open("/tasks")
    link = at.rows.nth(20).locator(".c-id a")
    await link.scroll_into_view_if_needed()
    scrolled = await page.evaluate("scrollY")
    assert scrolled > 0
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/api/v1/bulk*", hold)  # what is around the screen does not come
    await link.click()
    await expect(page.locator(".task-head")).to_be_visible()
    await page.go_back()
    await expect(link).to_be_focused()
    assert await page.evaluate("scrollY") == scrolled

    await link.click()
    await expect(page.locator(".task-head")).to_be_visible()
    await page.route("**/api/v1/tasks?*", hold)
    asked = len(held)
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await wait_until(lambda: any("/tasks?" in route.request.url for route in held[asked:]))
    await page.keyboard.press("Tab")
    await page.unroute("**/api/v1/tasks?*")
    for route in held:
        await route.fulfill(response=await at.answer(route))
    await expect(at.rows).to_have_count(30)
    await expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    await expect(link).not_to_be_focused()
    assert await page.evaluate("scrollY") == 0


async def test_a_screen_whose_code_never_comes_says_so_after_one_more_try(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(404)
    loads: list[str] = []
    page.on("domcontentloaded", lambda _: loads.append(page.url))

    async def refuse(route: Route) -> None:
        await route.fulfill(status=404)

    await page.route("**/js/screens/methods.js", refuse)
    await page.goto(f"{at.service.url}/methods")
    again = page.locator("main").get_by_role("button", name="Try again")
    await expect(again).to_be_visible()
    assert len(loads) == 2, "once at first, and once more"
    await page.unroute("**/js/screens/methods.js")
    await again.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Methods")
    assert len(loads) == 3
