"""Idempotency keys: a request that is sent again gets the answer of the first, and makes no task.

A key is durable in the journal's frame of its tasks and comes into the store with them; here are those on their way.
Of several requests with one key the first goes on and the others wait for it; if it fails, the next goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from okydrom.errors import KeyReused
from okydrom.intake.frames import Key
from okydrom.store.entry import Kept

Recall = Callable[[str, str], Awaitable[Kept | None]]


def framed(kept: Kept) -> Key:
    """A key as it stands in its frame, beside its tasks."""
    return Key(kept.source, kept.key, kept.hash, kept.status, kept.answer, kept.created_at)


def kept_of(key: Key, ids: tuple[str, ...]) -> Kept:
    """The key of a frame with these tasks."""
    return Kept(key.source, key.key, key.hash, key.status, key.answer, ids, key.created_at)


class Keys:
    """`recall` asks the store for a source's key."""

    def __init__(self, recall: Recall) -> None:
        self._recall = recall
        self._entering: dict[tuple[str, str], asyncio.Future[None]] = {}
        self._landed: dict[tuple[str, str], Kept] = {}

    @asynccontextmanager
    async def entering(self, source: str, key: str, digest: bytes) -> AsyncIterator[Kept | None]:
        """What the key stands for already, or None: then the block accepts the request, with the key.

        `digest` is of the request. Raises KeyReused if the key came with another one.
        """
        place = (source, key)
        while (first := self._entering.get(place)) is not None:
            await asyncio.shield(first)
        done = self._entering[place] = asyncio.get_running_loop().create_future()
        try:
            kept = self._landed.get(place) or await self._recall(source, key)
            if kept is not None and kept.hash != digest:
                raise KeyReused
            yield kept
        finally:
            del self._entering[place]
            done.set_result(None)

    def landed(self, kept: Kept) -> None:
        """Its frame is on stable storage, and not yet imported."""
        self._landed[kept.source, kept.key] = kept

    def imported(self, kept: Kept) -> None:
        """The store has it."""
        if self._landed.get((kept.source, kept.key)) is kept:
            del self._landed[kept.source, kept.key]
