"""Opening a store that another program may hold at the moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from okydrom.errors import StoreBusy
from okydrom.store.contract import Store
from okydrom.store.entry import Opened

log = structlog.get_logger("okydrom.store")

AGAIN = 0.5  # s until a locked store is tried again


async def open_unlocked(store: Store, now: Callable[[], int]) -> Opened:
    """Open, as soon as no other program holds the store. Raises DataUnusable, DiskFull."""
    said = False
    while True:
        try:
            return await store.open(now())
        except StoreBusy as trouble:
            if not said:
                log.warning("store_locked", **trouble.params)
            said = True
        await asyncio.sleep(AGAIN)
