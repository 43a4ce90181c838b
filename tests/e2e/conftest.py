"""What the tests of the page share: one browser per module, and a desk or its parts for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from tests.support.api import Api, calling
from tests.support.browser import chromium
from tests.support.desk import Desk, desk
from tests.support.recipient import Recipient, receiving
from tests.support.service import Service, serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The browser of this module; its tests run in the loop of the module, as it does."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def at(browser: Browser, tmp_path: Path) -> AsyncIterator[Desk]:
    """An operator's desk; its clock shows UTC."""
    async with desk(browser, tmp_path, timezone_id="UTC") as at:
        yield at


@pytest_asyncio.fixture(loop_scope="module")
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service of this test."""
    async with serving(tmp_path) as service:
        yield service


@pytest_asyncio.fixture(loop_scope="module")
async def api(service: Service) -> AsyncIterator[Api]:
    """Its API."""
    async with calling(service.url) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="module")
async def recipient() -> AsyncIterator[Recipient]:
    """A recipient."""
    async with receiving() as recipient:
        yield recipient
