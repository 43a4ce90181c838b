"""Can tasks be taken and kept in order now, and what was found when the journal was opened."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from okydrom.errors import JournalFailed, OkydromError, StoreBusy, Unavailable
from okydrom.intake.accept import Accept
from okydrom.intake.opening import Recovery
from okydrom.intake.pump import Pump
from okydrom.intake.replay import Replay
from okydrom.store.entry import Opened

log = structlog.get_logger("okydrom.readiness")


class Readiness:
    """Looks at the parts of the intake."""

    def __init__(self, accept: Accept, pump: Pump, replay: Replay) -> None:
        self._accept = accept
        self._pump = pump
        self._replay = replay

    def troubles(self) -> Sequence[OkydromError]:
        """Why tasks can't be taken or kept in order now; empty: they can."""
        if self._replay.trouble is not None:
            return [self._replay.trouble]
        try:
            self._accept.check()
        except Unavailable as trouble:
            return [trouble]
        if self._pump.trouble:
            return [StoreBusy("The store can't write now.", reason=self._pump.trouble)]
        return []


def say_recovered(found: Recovery, opened: Opened, replayed: int) -> None:
    """What the journal held beyond the store, and what of it was damaged."""
    say = log.warning if found.damaged or found.gaps or found.strays else log.info
    say(
        "recovered",
        replayed=replayed,
        position=opened.position,
        epoch=opened.epoch,
        freed=opened.freed,
        torn_bytes=found.torn,
        damaged_bytes=found.damaged,
        gaps=[(gap.first, gap.last) for gap in found.gaps],
        strays=found.strays,
        unknown=found.unknown,
    )


async def watch(failed: asyncio.Future[None]) -> None:
    """Ends with the journal's failure, when it fails."""
    await failed
    raise JournalFailed
