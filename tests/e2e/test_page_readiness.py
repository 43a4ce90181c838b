"""A service that takes no tasks says so first in a real browser, and why: each reason that can be brought about."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.api import calling
from tests.support.browser import Watched, watching
from tests.support.service import Service, serving, status_of
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
NOWHERE = "http://127.0.0.1:9/hook"
PATIENCE = 20_000  # ms


def locked(service: Service) -> sqlite3.Connection:
    """Another program that writes into the store, and does not end."""
    other = sqlite3.connect(service.data / "store.db", isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    return other


async def not_ready(service: Service) -> None:
    async def refuses() -> bool:
        return await status_of(service.port, "/readyz") == 503

    await wait_until(refuses, 20)


async def says(watched: Watched, title: str, why: str) -> None:
    """The verdict, and the system screen, give the reason."""
    page = watched.page
    watched.expect_statuses(503)  # of /readyz
    await watched.open("/")
    verdict = page.locator(".verdict")
    await expect(verdict.locator("b")).to_have_text(title, timeout=PATIENCE)
    await expect(verdict).to_contain_text(why)
    await expect(verdict.locator(".verdict-icon")).to_have_class("verdict-icon is-failed")
    await verdict.get_by_role("link").click()
    await expect(page.locator(".facts").first).to_contain_text(why, timeout=PATIENCE)


@pytest.mark.parametrize("lang", ["en", "ru"])
async def test_less_free_disk_than_it_needs(browser: Browser, tmp_path: Path, lang: str) -> None:
    async with serving(tmp_path, {"storage": {"min_free": "1000TiB"}}, start=False) as service:
        await service.launch()
        await not_ready(service)
        async with watching(browser, service.url, lang=lang) as watched:
            if lang == "en":
                why = "less than storage.min_free asks for (1,000 TiB): new tasks are refused"
                await says(watched, "The service is not ready", why)
            else:
                await says(
                    watched, "Сервис не готов", "меньше, чем велит storage.min_free (1\u00a0000\u00a0ТиБ)"
                )


async def test_another_program_holds_the_store_and_then_lets_go(browser: Browser, tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as service,
        calling(service.url) as api,
        watching(browser, service.url) as watched,
    ):
        with closing(locked(service)):
            await api.create(url=NOWHERE, delay=3_600)
            await not_ready(service)
            await says(
                watched, "The service is not ready", "The store can't write: another program holds it."
            )
        await watched.page.get_by_role("link", name="Overview", exact=True).first.click()
        await expect(watched.page.locator(".verdict b")).to_contain_text("All is ", timeout=PATIENCE)


async def test_more_is_accepted_than_the_store_can_take(browser: Browser, tmp_path: Path) -> None:
    async with (
        serving(tmp_path, {"storage": {"max_backlog": "1MiB"}}) as service,
        calling(service.url) as api,
        watching(browser, service.url) as watched,
    ):
        with closing(locked(service)):
            await api.create(url=NOWHERE, payload="x" * 600_000, delay=3_600)
            await not_ready(service)
            await says(watched, "The service is not ready", "The store can't keep up with what is accepted")
