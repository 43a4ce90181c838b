"""An operator's desk: a service on another machine, a recipient, and a browser with the page.

The page is opened over plain HTTP on a name, as operators open that of another host; it has to do without what browsers
keep for secure contexts. tests/e2e/test_page_surroundings.py opens it on this machine's own address instead.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import APIResponse, Browser, Locator, Page, Route

from tests.support.api import Api, calling
from tests.support.browser import PLAIN, Watched, watching
from tests.support.recipient import Recipient, receiving
from tests.support.service import Service, Settings, serving


@dataclass(frozen=True)
class Desk:
    """What stands on it."""

    service: Service
    api: Api
    recipient: Recipient
    watched: Watched

    @property
    def page(self) -> Page:
        """The page that is watched."""
        return self.watched.page

    @property
    def rows(self) -> Locator:
        """Rows of the list of tasks."""
        return self.page.locator(".tasks tbody tr")

    async def answer(self, route: Route) -> APIResponse:
        """What the service says to a call that a test stands in for: only the browser knows the service's name."""
        asked = route.request
        headers = {name: value for name, value in asked.headers.items() if name not in ("origin", "host")}
        return await route.fetch(url=asked.url.replace(self.service.url, self.service.local), headers=headers)

    async def failed(self, count: int, **fields: Any) -> list[str]:
        """Ids of so many tasks that have failed, oldest first."""
        made = [await self.api.create(url=f"{self.recipient.url}/410", **fields) for _ in range(count)]
        await self.api.settles()
        return made


@asynccontextmanager
async def desk(
    browser: Browser, directory: Path, settings: Settings | None = None, **options: Any
) -> AsyncIterator[Desk]:
    """A desk for the time of the block; `options` are those of `watching`."""
    async with (
        serving(directory, settings, name=PLAIN) as service,
        calling(service.local) as api,
        receiving() as recipient,
        watching(browser, service.url, **options) as watched,
    ):
        yield Desk(service, api, recipient, watched)
