"""Every screen over realistic tasks, in each language, theme and width: it stands, and everybody can use it."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.support.browser import watching
from tests.support.scene import playing

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
HEADINGS = {
    "/": {"ru": "Обзор", "en": "Overview"},
    "/?window=24h&table=flow": {"ru": "Обзор", "en": "Overview"},
    "/system": {"ru": "Система", "en": "System"},
    "/tasks": {"ru": "Задачи", "en": "Tasks"},
    "/tasks?group=failed": {"ru": "Задачи", "en": "Tasks"},
    "/destinations": {"ru": "Направления", "en": "Destinations"},
    "/bulk": {"ru": "Массовые операции", "en": "Bulk operations"},
    "/methods": {"ru": "Методы", "en": "Methods"},
    "/statuses": {"ru": "Статусы", "en": "Statuses"},
    "/parameters": {"ru": "Параметры", "en": "Parameters"},
    "/new": {"ru": "Новая задача", "en": "New task"},
    "/sign-in": {"ru": "Вход", "en": "Sign in"},
    "/nothing": {"ru": "Не найдено", "en": "Not found"},
}
STOPPED = {"ru": "Удалить 9 задач", "en": "Delete 9 tasks"}
# What a text says twice its size is a fault of the layout: nothing may be wider than the window.
SIDEWAYS = """
() => document.documentElement.scrollWidth > document.documentElement.clientWidth
"""
SMALL_TARGETS = """
() => [...document.querySelectorAll("a, button, input, select, summary")].filter((node) => {
  const box = node.getBoundingClientRect();
  const inline = getComputedStyle(node).display === "inline"; // links in running text are exempt
  return box.width && box.height && !inline && !node.closest(".skip") && (box.width < 24 || box.height < 24);
}).map((node) => node.outerHTML.slice(0, 120))
"""


@pytest.mark.timeout(300)  # every screen in three widths
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["ru", "en"])
async def test_every_screen_stands_in_every_width(
    tmp_path: Path, browser: Browser, lang: Literal["ru", "en"], theme: Literal["light", "dark"]
) -> None:
    async with (
        playing(tmp_path) as scene,
        watching(browser, scene.service.url, lang=lang, color_scheme=theme) as watched,
    ):
        watched.expect_statuses(404)
        known = scene.known
        tasks = (known.failed, known.delivered, known.retrying, known.held, known.sending)
        headings = {path: names[lang] for path, names in HEADINGS.items()}
        headings |= {f"/tasks/{each}": f"{each[:8]}…{each[-8:]}" for each in tasks}
        headings[f"/bulk/{known.bulk}"] = STOPPED[lang]
        for path, heading in headings.items():
            await watched.open(path)
            await expect(watched.page.get_by_role("heading", level=1)).to_have_text(heading)
            assert await watched.page.locator("html").get_attribute("lang") == lang
            assert await watched.page.evaluate(SMALL_TARGETS) == [], path
            for width in (1440, 390, 320):
                await watched.page.set_viewport_size({"width": width, "height": 844})
                assert not await watched.page.evaluate(SIDEWAYS), f"{path} at {width}"
                await expect(watched.page.locator("main")).to_have_count(1)
                if width != 320:
                    assert await watched.violations() == [], f"{path} at {width}"
            await watched.page.set_viewport_size({"width": 1440, "height": 900})
