"""An operator's desk: a service, a recipient, and a browser with the page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page

from tests.support.api import Api, calling
from tests.support.browser import Watched, watching
from tests.support.recipient import Recipient, receiving
from tests.support.service import Service, serving


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

    async def failed(self, count: int, **fields: Any) -> list[str]:
        """Ids of so many tasks that have failed, oldest first."""
        made = [await self.api.create(url=f"{self.recipient.url}/410", **fields) for _ in range(count)]
        await self.api.settles()
        return made


@asynccontextmanager
async def desk(browser: Browser, directory: Path, **options: Any) -> AsyncIterator[Desk]:
    """A desk for the time of the block; `options` are those of `watching`."""
    async with (
        serving(directory) as service,
        calling(service.url) as api,
        receiving() as recipient,
        watching(browser, service.url, **options) as watched,
    ):
        yield Desk(service, api, recipient, watched)
