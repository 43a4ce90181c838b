"""Crash states of the journal: a life of accepting, committing and rotating on a simulated file system, cut before
every operation; each state that a power cut may leave is opened, compared with what was promised, and used again.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from pathlib import Path
from typing import Any, NamedTuple

from okydrom.errors import OkydromError
from okydrom.intake.files import Files
from okydrom.intake.frames import Kind, seed_of
from okydrom.intake.group import Group
from okydrom.intake.journal import Journal
from tests.support.faultyfs import CHANGING, Hooked
from tests.support.simulatedfs import SimulatedFiles

INSTANCE = "0190a3c0-0000-7000-8000-000000000001"
CHUNK = 2_048
KEEPS = (0.0, 1.0, 0.5, 0.5, 0.85, 0.15)  # shares of unsynced pieces that survive, one image each


class State(NamedTuple):
    """A crash state: what the disk holds, what was promised by then, how far the store is, and what was posted."""

    content: dict[str, bytes]
    promised: dict[int, bytes]
    position: int
    posted: frozenset[bytes]


class Findings:
    """What came of the states."""

    def __init__(self) -> None:
        self.states = 0
        self.acknowledged = 0
        self.lost: list[str] = []
        self.unopenable: list[str] = []
        self.phantom: list[str] = []

    @property
    def good(self) -> bool:
        return not (self.lost or self.unopenable or self.phantom)

    def __repr__(self) -> str:
        return (
            f"{self.states} states, {self.acknowledged} acknowledged, {len(self.lost)} lose some, "
            f"{len(self.unopenable)} unopenable, {len(self.phantom)} phantoms: "
            f"{[*self.lost, *self.unopenable, *self.phantom][:3]}"
        )


def journal_on(files: Files, directory: Path, **changes: Any) -> Journal:
    """A journal with small chunks that leave as soon as they are imported."""
    settings: dict[str, Any] = {"chunk_size": CHUNK, "keep": 0, "keep_size": 0, "now": lambda: 1_000}
    return Journal(directory / "journal", files=files, **{**settings, **changes})


class Life:
    """One process's life on a simulated disk; the states that a power cut may leave are remembered."""

    def __init__(self, directory: Path, rand: random.Random, content: dict[str, bytes] | None = None) -> None:
        self.disk = SimulatedFiles(content)
        self.files = Hooked(self.disk, self._before)
        self.promised: dict[int, bytes] = {}
        self.position = 0
        self.posted: set[bytes] = set()
        self.states: list[State] = []
        self._directory = directory
        self._rand = random.Random(rand.random())  # what is done
        self._images = random.Random(
            rand.random()
        )  # what is left of it; drawn from by whichever thread is at it
        self._serial = itertools.count()

    def _before(self, name: str, args: tuple[Any, ...]) -> None:
        if name in CHANGING:
            self.snapshot()

    def snapshot(self) -> None:
        """What a power cut at this moment may leave."""
        promised, position, posted = dict(self.promised), self.position, frozenset(self.posted)
        for keep in KEEPS:
            self.states.append(State(self.disk.image(self._images, keep), promised, position, posted))

    async def run(self, rounds: int, fresh: bool = True) -> None:
        """Accept `rounds` times a few at once, commit now and then, stop cleanly."""
        journal = journal_on(self.files, self._directory)
        journal.open(INSTANCE, self.position, fresh)
        journal.start(self._landed)
        for turn in range(rounds):
            payloads = [self._payload() for _ in range(self._rand.randint(1, 6))]
            if turn % 5 == 4:
                journal.note(Kind.ERASED, self._payload())
            await asyncio.gather(*(journal.append(Kind.ACCEPT, payload, payload) for payload in payloads))
            if turn % 3 == 2:
                self.position = max(self.position, max(self.promised) - self._rand.randint(0, 12))
                await journal.commit(self.position)
        await journal.close()
        self.snapshot()

    def _payload(self) -> bytes:
        payload = b"%d:" % next(self._serial) + self._rand.randbytes(self._rand.randint(10, 250))
        self.posted.add(payload)
        return payload

    def _landed(self, group: Any) -> None:
        self.promised.update(group)


def check(state: State, directory: Path, findings: Findings) -> None:
    """Open a state, compare it with what was promised, accept once more, lose all that is unsynced, and look again."""
    findings.states += 1
    findings.acknowledged = max(findings.acknowledged, len(state.promised))
    disk = SimulatedFiles(state.content)
    again = b"again"
    try:
        found = _reopened(disk, state.position, directory, again)
        later = _reopened(SimulatedFiles(disk.image(random.Random(1), 0.0)), state.position, directory, None)
    except (OkydromError, OSError) as error:
        findings.unopenable.append(f"{error!r}")
        return
    expected = {number: data for number, data in state.promised.items() if number > state.position}
    for held in (found, later):
        if any(held.get(number) != data for number, data in expected.items()):
            findings.lost.append(f"{sorted(set(expected) - set(held))} of {sorted(expected)}")
    if any(payload not in state.posted for payload in found.values()):
        findings.phantom.append("a record that nobody posted")
    if again not in later.values():
        findings.lost.append("what was accepted after the crash")


def _reopened(disk: SimulatedFiles, position: int, directory: Path, more: bytes | None) -> dict[int, bytes]:
    journal = journal_on(disk, directory)
    recovery = journal.open(INSTANCE, position, False)
    held = {frame.number: frame.payload for frame in journal.replay(position)}
    if more is not None:
        journal.put(Group(recovery.next, None, [], [(Kind.ACCEPT, more, None, None)], seed_of(INSTANCE)))  # type: ignore[list-item]
    return held


def explore(directory: Path, seed: int, rounds: int) -> Findings:
    """All states of one life, and of a second one that follows a power cut in the first."""
    rand = random.Random(seed)
    first = Life(directory, rand)
    asyncio.run(first.run(rounds))
    middle = first.states[len(first.states) // 2]
    second = Life(directory, rand, middle.content)
    second.promised, second.position, second.posted = (
        dict(middle.promised),
        middle.position,
        set(middle.posted),
    )
    asyncio.run(second.run(rounds, fresh=False))
    findings = Findings()
    for state in first.states + second.states:
        check(state, directory, findings)
    return findings
