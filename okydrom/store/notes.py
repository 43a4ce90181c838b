"""What a store tells after a commit, so that one that is rebuilt from the journal does not revive the dead."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from okydrom.task import Status


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction did that the journal does not know yet. Times are epoch ms."""

    finished: Sequence[tuple[str, Status, int, int]] = ()  # id, terminal status, when, version
    revived: Sequence[tuple[str, int, int | None, int]] = ()  # id, new version, new deadline, when
    edited: Sequence[tuple[bytes, int, int]] = ()  # record, new version, when
    erased: Sequence[tuple[str, int]] = ()  # id, when
    made: Sequence[bytes] = ()  # records of tasks that the store made: callbacks, copies

    def __bool__(self) -> bool:
        return bool(self.finished or self.revived or self.edited or self.erased or self.made)
