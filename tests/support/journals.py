"""Journals for tests: opened, filled and read in a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from okydrom.intake.files import FILES, Files
from okydrom.intake.frames import Kind
from okydrom.intake.journal import Journal
from okydrom.intake.opening import Recovery

INSTANCE = "0190a3c0-0000-7000-8000-000000000001"
NOW = 1_000_000


def journal_in(directory: Path, files: Files = FILES, **changes: Any) -> Journal:
    """A journal with small chunks that stay."""
    settings: dict[str, Any] = {
        "chunk_size": 4_096,
        "keep": 1 << 40,
        "keep_size": 1 << 40,
        "now": lambda: NOW,
    }
    return Journal(directory / "journal", files=files, **{**settings, **changes})


@asynccontextmanager
async def running(
    directory: Path, files: Files = FILES, *, position: int = 0, fresh: bool = False, **changes: Any
) -> AsyncIterator[tuple[Journal, list[tuple[int, Any]]]]:
    """A journal that takes frames, and the list of what has landed."""
    journal = journal_in(directory, files, **changes)
    journal.open(INSTANCE, position, fresh)
    landed: list[tuple[int, Any]] = []
    journal.start(landed.extend)
    try:
        yield journal, landed
    finally:
        await journal.close()


async def accept(journal: Journal, payloads: Sequence[bytes], kind: Kind = Kind.ACCEPT) -> list[int]:
    """Keep some frames at once; their numbers. The payload is the token too."""
    return await asyncio.gather(*(journal.append(kind, payload, payload) for payload in payloads))


async def fill(directory: Path, payloads: Sequence[bytes], files: Files = FILES, **changes: Any) -> list[int]:
    """A whole life: open, accept one after another, close."""
    return await _live(directory, [[payload] for payload in payloads], files, None, changes)


def live(
    directory: Path,
    groups: Sequence[Sequence[bytes]],
    files: Files = FILES,
    commit: int | None = None,
    **changes: Any,
) -> list[int]:
    """The same without a loop, for groups: each is accepted at once; at the end the store has all up to `commit`."""
    return asyncio.run(_live(directory, groups, files, commit, changes))


async def _live(
    directory: Path,
    groups: Sequence[Sequence[bytes]],
    files: Files,
    commit: int | None,
    changes: dict[str, Any],
) -> list[int]:
    async with running(directory, files, **changes) as (journal, _):
        numbers = [number for group in groups for number in await accept(journal, group)]
        if commit is not None:
            await journal.commit(commit)
    return numbers


def singly(payloads: Sequence[bytes]) -> list[list[bytes]]:
    """Groups of one."""
    return [[payload] for payload in payloads]


def look(
    directory: Path, files: Files = FILES, *, position: int = 0, fresh: bool = False, **changes: Any
) -> tuple[Recovery, dict[int, bytes]]:
    """Open: what was found, and the frames beyond `position`."""
    journal = journal_in(directory, files, **changes)
    recovery = journal.open(INSTANCE, position, fresh)
    found = {frame.number: frame.payload for frame in journal.replay(position)}
    assert len(found) == recovery.frames
    return recovery, found


def chunks(directory: Path) -> list[Path]:
    """The chunk files, in order."""
    return sorted((directory / "journal").glob("q*"))


def payloads(count: int, size: int = 100) -> list[bytes]:
    """Distinct ones."""
    return [b"%06d" % number + bytes([number % 251]) * (size - 6) for number in range(count)]
