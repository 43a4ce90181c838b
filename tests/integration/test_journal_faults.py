"""Errors of the disk at every operation: no answer for what failed, nothing acknowledged lost, no sync retried."""

import asyncio
import errno
import random
from pathlib import Path
from typing import Any

import pytest

from okydrom.errors import DataUnusable, DiskFull, JournalFailed, Unavailable
from okydrom.intake import spare
from okydrom.intake.frames import Kind
from tests.support.faultyfs import Fault, Hooked
from tests.support.journals import INSTANCE, journal_in, look, payloads, running
from tests.support.simulatedfs import SimulatedFiles
from tests.support.wait import linger

SPACE = (errno.ENOSPC, errno.EDQUOT)
PASSING = (*SPACE, errno.EMFILE, errno.ENFILE)
SETTINGS: dict[str, Any] = {"chunk_size": 700, "keep": 0, "keep_size": 0}
ROUNDS = 12


class Life:
    """Open, accept in groups of one to three, commit, rotate, close, on a disk that fails."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.disk = SimulatedFiles()
        self.opened = False
        self.failed = False
        self.position = 0
        self.promised: dict[int, bytes] = {}
        self.refused: dict[bytes, BaseException] = {}
        self.rounds_refused = 0

    async def run(self, directory: Path) -> None:
        journal = journal_in(directory, Hooked(self.disk, self.fault), **SETTINGS)
        journal.open(INSTANCE, 0, True)
        self.opened = True
        journal.start(lambda group: None)
        waiting = iter(payloads(3 * ROUNDS))
        for turn in range(ROUNDS):
            group = [next(waiting) for _ in range(turn % 3 + 1)]
            results = await asyncio.gather(*(self._append(journal, payload) for payload in group))
            self.rounds_refused += not all(results)
            if turn % 4 == 3:
                self.position = max(self.promised, default=0)
                await journal.commit(self.position)
        await journal.close()
        self.failed = journal.failed.done()

    async def _append(self, journal: Any, payload: bytes) -> bool:
        try:
            self.promised[await journal.append(Kind.ACCEPT, payload, None)] = payload
        except (Unavailable, JournalFailed) as problem:
            self.refused[payload] = problem
            return False
        return True


def live_through(fault: Fault, directory: Path) -> Life:
    """A life, and what holds after any: all that was promised is there, whether the power went or not."""
    life = Life(fault)
    try:
        asyncio.run(life.run(directory))
    except DataUnusable:
        assert not life.opened
    assert fault.repeated_syncs == 0
    for keep in (0.0, 1.0):
        left = life.disk.image(random.Random(1), keep)
        recovery, found = look(directory, SimulatedFiles(left), position=life.position)
        assert {number: found.get(number) for number in life.promised if number > life.position} == {
            number: data for number, data in life.promised.items() if number > life.position
        }
        assert recovery.gaps == ()
        assert recovery.damaged == 0
    if not life.failed:
        assert not set(found.values()) & set(life.refused)
        assert recovery.torn == 0
    return life


@pytest.mark.parametrize("filled", [False, True], ids=["plain", "filled"])
@pytest.mark.parametrize("error", [errno.EIO, errno.EROFS, *PASSING], ids=errno.errorcode.get)
@pytest.mark.parametrize(
    "operation", ["write", "short write", "datasync", "sync", "sync_directory", "create", "rename"]
)
def test_an_error_at_any_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str, error: int, filled: bool
) -> None:
    monkeypatch.setattr(spare, "FILL_FROM", 0 if filled else 1 << 30)
    name = operation.removeprefix("short ")
    struck = refused = 0
    for n in range(1, 100):
        fault = Fault(name, n, error, short=name != operation)
        life = live_through(fault, tmp_path)
        if not fault.struck:
            break
        struck += 1
        refused += bool(life.refused)
        if error in PASSING:
            assert life.opened or name == "sync_directory"
            assert life.rounds_refused <= 1
            assert not life.failed
        else:
            assert not life.opened or life.failed or not life.refused
    assert struck > (1 if name in ("sync", "rename") else 5)
    assert refused or error in PASSING or name in ("sync", "rename")


@pytest.mark.parametrize("error", [errno.EIO, errno.EMFILE, errno.ENOSPC], ids=errno.errorcode.get)
def test_an_error_while_chunks_leave(tmp_path: Path, error: int) -> None:
    for n in range(1, 100):
        fault = Fault("unlink", n, error)
        life = live_through(fault, tmp_path)
        if not fault.struck:
            break
        assert life.failed == (life.opened and error not in PASSING)
    assert n > 3


@pytest.mark.parametrize("operation", ["write", "datasync"])
@pytest.mark.parametrize("error", SPACE, ids=errno.errorcode.get)
async def test_a_full_disk_refuses_until_there_is_space(tmp_path: Path, operation: str, error: int) -> None:
    disk = SimulatedFiles()
    fault = Fault(operation, 1 << 30, error, lasting=True)
    async with running(tmp_path, Hooked(disk, fault), fresh=True, chunk_size=1 << 20) as (journal, landed):
        first, second, *rest = payloads(30)
        assert [await journal.append(Kind.ACCEPT, first, 0)] == [1]
        fault.n = fault.count + 1
        for payload in rest[:10]:
            with pytest.raises(DiskFull):
                await journal.append(Kind.ACCEPT, payload, 0)
        journal.note(Kind.FINISHED, b"kept until there is space")
        fault.healed = True
        numbers = await asyncio.gather(
            journal.append(Kind.ACCEPT, second, 0), journal.append(Kind.ACCEPT, rest[20], 0)
        )
        assert numbers[0] > 11
        assert not journal.failed.done()
        assert journal.stats.refused == 10
    recovery, found = look(tmp_path, SimulatedFiles(disk.image(random.Random(1), 0.0)))
    assert list(found.values()) == [first, b"kept until there is space", second, rest[20]]
    assert (recovery.gaps, recovery.torn, recovery.damaged) == ((), 0, 0)
    assert [number for number, _ in landed] == [1, *numbers]


def test_a_start_on_a_full_disk_accepts_once_there_is_space(tmp_path: Path) -> None:
    for operation in ("create", "write", "datasync"):
        asyncio.run(start_on_a_full_disk(tmp_path, operation))


async def test_a_want_of_descriptors_refuses_until_some_are_closed(tmp_path: Path) -> None:
    fault = Fault("create", 1 << 30, errno.EMFILE, lasting=True)
    async with running(tmp_path, Hooked(SimulatedFiles(), fault), fresh=True, chunk_size=700) as (journal, _):
        await journal.append(Kind.ACCEPT, bytes(600), 0)
        fault.n = fault.count + 1
        with pytest.raises(Unavailable, match="Too many files") as refused:
            await journal.append(Kind.ACCEPT, bytes(600), 0)
        assert not isinstance(refused.value, DiskFull)
        fault.healed = True
        await journal.append(Kind.ACCEPT, bytes(600), 0)
        assert not journal.failed.done()


async def start_on_a_full_disk(directory: Path, operation: str) -> None:
    disk = SimulatedFiles()
    fault = Fault(operation, 1, errno.ENOSPC, lasting=True)
    async with running(directory, Hooked(disk, fault), fresh=True) as (journal, _):
        with pytest.raises(DiskFull):
            await journal.append(Kind.ACCEPT, b"refused", 0)
        fault.healed = True
        number = await journal.append(Kind.ACCEPT, b"kept", 0)
    recovery, found = look(directory, SimulatedFiles(disk.image(random.Random(1), 0.0)))
    assert found == {number: b"kept"}
    assert recovery.gaps == ()


async def test_what_was_refused_by_a_sync_does_not_come_back_with_the_power(tmp_path: Path) -> None:
    disk = SimulatedFiles()
    fault = Fault("datasync", 3, errno.ENOSPC)
    async with running(tmp_path, Hooked(disk, fault), fresh=True) as (journal, _):
        await journal.append(Kind.ACCEPT, b"first", 0)
        unsynced = disk.content()
        with pytest.raises(DiskFull):
            await journal.append(Kind.ACCEPT, b"refused", 0)
        written = next(data for data in history(disk) if b"refused" in data)
        await journal.append(Kind.ACCEPT, b"second", 0)
    left = disk.image(random.Random(1), 0.0)
    first = next(name for name, data in unsynced.items() if b"first" in data)
    left[first] = written  # the pages had reached the disk all the same, and the cut had not
    recovery, found = look(tmp_path, SimulatedFiles(left))
    assert list(found.values()) == [b"first", b"second"]
    assert (recovery.gaps, recovery.strays) == ((), 0)


def history(disk: SimulatedFiles) -> list[bytes]:
    """Each file's bytes as they were after every unsynced write."""
    states = []
    for inode in disk.names_seen.values():
        content = bytearray(inode.durable)
        for offset, data in inode.unsynced:
            if data is not None:
                content[offset : offset + len(data)] = data
                states.append(bytes(content))
    return states


async def test_what_cannot_be_cut_off_again_ends_the_journal(tmp_path: Path) -> None:
    write, cut = Fault("write", 3, errno.ENOSPC, short=True), Fault("truncate", 1, errno.ENOSPC)

    def both(name: str, args: tuple[Any, ...]) -> int | None:
        cut(name, args)
        return write(name, args)

    disk = SimulatedFiles()
    async with running(tmp_path, Hooked(disk, both), fresh=True) as (journal, _):
        with pytest.raises(JournalFailed):
            await asyncio.gather(*(journal.append(Kind.ACCEPT, payload, 0) for payload in payloads(3)))
        with pytest.raises(JournalFailed):
            await journal.failed
        with pytest.raises(JournalFailed):
            journal.append(Kind.ACCEPT, b"more", 0)
        journal.note(Kind.MADE, b"more")


async def test_an_error_refuses_those_who_wait_and_those_who_gather(tmp_path: Path) -> None:
    disk = SimulatedFiles()
    async with running(tmp_path, Hooked(disk, Fault("datasync", 2, errno.EIO)), fresh=True) as (
        journal,
        landed,
    ):
        waiting = [journal.append(Kind.ACCEPT, payload, 0) for payload in payloads(3)]
        await linger(0)
        gathering = [journal.append(Kind.ACCEPT, payload, 0) for payload in payloads(3)]
        results = await asyncio.gather(*waiting, *gathering, return_exceptions=True)
        assert [type(result) for result in results] == [JournalFailed] * 6
        assert len({id(result) for result in results}) == 6
        assert landed == []
        with pytest.raises(JournalFailed, match="Input/output error"):
            await journal.failed


@pytest.mark.parametrize("number", PASSING)
async def test_a_turn_that_can_save_no_space_is_a_turn_all_the_same(tmp_path: Path, number: int) -> None:
    opened: list[Any] = []

    def fault(name: str, args: tuple[Any, ...]) -> None:
        if name == "create" and args[0].name.startswith("q"):
            opened.append(args)
        if name == "truncate" and journal._writer.turn:
            raise OSError(number, "no")

    async with running(tmp_path, Hooked(SimulatedFiles(), fault), fresh=True) as (journal, _):
        await journal.append(Kind.ACCEPT, b"before", None)
        journal._writer.turn = True
        before = len(opened)
        for payload in payloads(3):
            await journal.append(Kind.ACCEPT, payload, None)
        assert len(opened) - before == 1
