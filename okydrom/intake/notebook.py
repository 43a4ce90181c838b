"""What the store did itself goes into the journal too: small frames that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterator

from okydrom.intake.frames import (
    Edited,
    Ending,
    Kind,
    Revived,
    pack_changed,
    pack_erased,
    pack_finished,
    pack_made,
    pack_revived,
)
from okydrom.intake.journal import Journal
from okydrom.store.notes import Notes


class Notebook:
    """Takes the store's notes; those that come before the journal takes frames (a cancel that was noted before a
    crash, say) wait for it."""

    def __init__(self) -> None:
        self._journal: Journal | None = None
        self._early: list[tuple[Kind, bytes]] = []

    def begin(self, journal: Journal) -> None:
        """The journal takes frames from now on."""
        self._journal = journal
        early, self._early = self._early, []
        for kind, payload in early:
            journal.note(kind, payload)

    def write(self, notes: Notes) -> None:
        """Put them down, in order."""
        for kind, payload in _frames(notes):
            if self._journal is None:
                self._early.append((kind, payload))
            else:
                self._journal.note(kind, payload)


def _frames(notes: Notes) -> Iterator[tuple[Kind, bytes]]:
    if notes.made:
        yield Kind.MADE, pack_made(tuple(notes.made))
    for edited in notes.edited:
        yield Kind.CHANGED, pack_changed(Edited(*edited))
    for revived in notes.revived:
        yield Kind.REVIVED, pack_revived(Revived(*revived))
    if notes.finished:
        yield Kind.FINISHED, pack_finished(Ending(*each) for each in notes.finished)
    for at in sorted({when for _, when in notes.erased}):
        yield Kind.ERASED, pack_erased(tuple(each for each, when in notes.erased if when == at), at)
