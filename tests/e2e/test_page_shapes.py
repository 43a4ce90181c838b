"""The page for those who need it otherwise: four times as large, with longer words, without motion, in few colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests.support.desk import Desk, desk
from tests.support.service import free_port

# One browser serves all tests.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]
SCREENS = (
    *("/", "/tasks", "/destinations", "/bulk", "/methods", "/statuses", "/parameters"),
    *("/new", "/system", "/sign-in"),
)
# What makes the page scroll sideways, if it does.
SIDEWAYS = """
() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  return [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > clientWidth + 1)
    .map((node) => node.outerHTML.slice(0, 120));
}
"""
# Words that don't fit into what is pressed: they stand over its edge, or are cut off without a sign of it.
SPILT = """
() => [...document.querySelectorAll("button, a.btn, .badge, .tabs a, label, th, h1, h2")].filter((node) =>
  node.getClientRects().length && node.scrollWidth > node.clientWidth + 1
  && getComputedStyle(node).textOverflow !== "ellipsis" && !node.closest(".cut, .scroll, .skip")
).map((node) => node.outerHTML.slice(0, 120))
"""
# How much of the window the bars leave to what one came for.
LEFT = """
() => {
  const sticks = (node) => ["fixed", "sticky"].includes(getComputedStyle(node).position);
  const bars = [...document.querySelectorAll(".bar, .tabbar, .nav")].filter((node) => node.getClientRects().length);
  return innerHeight - bars.filter(sticks).reduce((sum, node) => sum + node.getBoundingClientRect().height, 0);
}
"""
LONGER = """
const longer = (text) => `${text} ${"ñandú wörd ".repeat(9).slice(0, Math.max(2, text.length * 0.4))}`;
export default Object.fromEntries(Object.entries(words).map(([key, message]) => [key, typeof message === "string"
  ? longer(message) : Object.fromEntries(Object.entries(message).map(([form, text]) => [form, longer(text)]))]));
"""
LOOK = """
(node) => {
  const { outline, border, fontWeight, textDecoration, backgroundColor, color } = getComputedStyle(node);
  return [outline, border, fontWeight, textDecoration, backgroundColor, color];
}
"""
MOVES = "document.getAnimations().map((each) => each.animationName ?? each.transitionProperty)"


async def populate(at: Desk) -> tuple[str, ...]:
    """Tasks of every group; the screens there are."""
    (failed,) = await at.failed(1, event="order.paid", labels={"tenant": "acme"})
    await at.api.create(url=f"http://127.0.0.1:{free_port()}/x", retry={"schedule": ["1h"]})
    await at.api.create(url=f"{at.recipient.url}/ok", payload={"n": 1})
    return (*SCREENS, f"/tasks/{failed}")


async def test_every_screen_can_be_used_at_four_times_its_size(browser: Browser, tmp_path: Path) -> None:
    async with desk(browser, tmp_path, width=320, device_scale_factor=4) as at:
        await at.page.set_viewport_size({"width": 320, "height": 256})  # 1280 × 1024 at 400 %
        for path in await populate(at):
            await at.watched.open(path)
            assert await at.page.evaluate(SIDEWAYS) == [], path
            assert await at.page.evaluate(LEFT) >= 128, path


async def test_words_that_are_longer_by_two_fifths_fit(at: Desk) -> None:
    page = at.page

    async def lengthen(route: Route) -> None:
        said = await at.answer(route)
        await route.fulfill(
            response=said, body=(await said.text()).replace("export default", "const words =") + LONGER
        )

    await page.route(re.compile(r"/js/en(/\w+)?\.js$"), lengthen)
    for path in await populate(at):
        await at.watched.open(path)
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        for width in (1440, 1024, 390, 320):
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate(SIDEWAYS) == [], (path, width)
            assert await page.evaluate(SPILT) == [], (path, width)
    await expect(page.locator(".nav")).to_contain_text("ñ")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_nothing_moves_for_who_wants_no_motion(browser: Browser, tmp_path: Path, motion: str) -> None:
    async with desk(browser, tmp_path, reduced_motion=motion) as at:
        await at.failed(1)
        page, moved = at.page, list[str]()
        await page.route("**/api/v1/tasks?*", lambda route: moved.append(route.request.url))  # never answered
        await page.goto(f"{at.service.url}/tasks")
        await expect(page.locator(".bones")).to_be_visible()
        await page.get_by_role("link", name="New task").hover()
        moves = await page.evaluate(MOVES)
        assert (moves == []) == (motion == "reduce"), moves
        await page.unroute_all(behavior="ignoreErrors")


async def test_few_colours_leave_status_focus_and_place(browser: Browser, tmp_path: Path) -> None:
    async with desk(browser, tmp_path, forced_colors="active") as at:
        page = at.page
        await populate(at)
        await at.watched.open("/tasks")
        for status in ("Failed", "Delivered", "Retrying"):
            cell = at.rows.filter(has_text=status).locator(".status").first
            await expect(cell).to_contain_text(status)
            paint = (
                "(node) => [getComputedStyle(node).color, getComputedStyle(document.body).backgroundColor]"
            )
            icon, ground = await cell.locator("svg").evaluate(paint)
            assert icon != ground, status
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        assert "none" not in await page.evaluate("getComputedStyle(document.activeElement).outline")
        here = await page.locator(".nav-link[aria-current]").first.evaluate(LOOK)
        assert here != await page.locator(".nav-link:not([aria-current])").first.evaluate(LOOK)
