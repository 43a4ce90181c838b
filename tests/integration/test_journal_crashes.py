"""Power cuts at every operation; and that these tests would notice a journal that promises too much."""

import asyncio
import errno
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from okydrom.errors import DiskFull
from okydrom.intake import account, chunk, journal, opening, scan, spare, writer
from okydrom.intake.frames import ENVELOPE, KINDS, MAGIC, OPENS_GROUP, WHOLE, Kind
from okydrom.intake.group import Group, GroupCommit
from tests.support.crashes import explore
from tests.support.faultyfs import Fault, Hooked
from tests.support.journals import chunks, live, look, payloads, running, singly
from tests.support.simulatedfs import SimulatedFiles

ROUNDS = 18  # of one life; its two lives give over a thousand states
Patch = pytest.MonkeyPatch


@pytest.mark.proof
@pytest.mark.parametrize("filled", [False, True], ids=["plain", "filled"])
def test_no_power_cut_loses_what_was_acknowledged(
    tmp_path: Path,
    monkeypatch: Patch,
    filled: bool,
    rounds: Callable[[int], int],
    seed: int,
    figure: Callable[[str], None],
) -> None:
    monkeypatch.setattr(spare, "FILL_FROM", 0 if filled else 1 << 30)
    findings = explore(tmp_path, seed, rounds(ROUNDS))
    figure(f"{findings.states} states of {findings.acknowledged} acknowledged, 0 lost")
    assert findings.good, findings
    assert findings.states > 1_000
    assert findings.acknowledged > 60


# --- mutants: each breaks one rule, and one of these notices ----------------------------------------------------------


def survives_crashes(directory: Path) -> bool:
    """No state loses anything."""
    return all(explore(directory, seed, ROUNDS).good for seed in (1, 2))


def survives_damage(directory: Path) -> bool:
    """A bad record in the middle costs that record alone, and is reported; a bad byte is never handed on."""
    sent = payloads(9)
    live(directory, singly(sent), fresh=True)
    (path,) = chunks(directory)
    path.write_bytes(path.read_bytes().replace(sent[4], bytes(len(sent[4]))))
    recovery, found = look(directory)
    return sorted(found.values()) == sorted(set(sent) - {sent[4]}) and recovery.damaged > 0


def survives_stale_info(directory: Path) -> bool:
    """An old `info` loses nothing."""
    sent = payloads(12)
    live(directory, singly(sent[:6]), fresh=True, chunk_size=300)
    info = directory / "journal" / "info"
    stale = info.read_bytes()
    live(directory, singly(sent[6:]), chunk_size=300)
    info.write_bytes(stale)
    return list(look(directory)[1].values()) == sent


def survives_a_full_disk(directory: Path) -> bool:
    """What was refused is not found, and nothing is torn."""
    return asyncio.run(_fill_up(directory))


async def _fill_up(directory: Path) -> bool:
    disk = SimulatedFiles()
    fault = Fault("write", 1 << 30, errno.ENOSPC, short=True)
    async with running(directory, Hooked(disk, fault), fresh=True) as (used, _):
        fault.n = fault.count + 1
        refused = [used.append(Kind.ACCEPT, payload, 0) for payload in payloads(4)]
        results = await asyncio.gather(*refused, return_exceptions=True)
        await used.append(Kind.ACCEPT, b"kept", 0)
    recovery, found = look(directory, SimulatedFiles(disk.image(random.Random(1), 1.0)))
    clean = not (recovery.torn or recovery.damaged or recovery.gaps)
    return (
        clean
        and list(found.values()) == [b"kept"]
        and all(isinstance(result, DiskFull) for result in results)
    )


def no_sync(patch: Patch) -> None:
    def sync(self: Any) -> None:
        self._files.sync_directory(self.path.parent)
        self.offset = self._written

    patch.setattr(chunk.Head, "sync", sync)


def answer_before_sync(patch: Patch) -> None:
    def write(self: Any, group: Group) -> None:
        self.waiting.append(group)
        if len(self.waiting) > 1:
            honest(self, self.waiting.pop(0))

    honest = writer.Writer.write
    patch.setattr(writer.Writer, "waiting", [], raising=False)
    patch.setattr(writer.Writer, "write", write)


def no_directory_sync(patch: Patch) -> None:
    def sync(self: Any) -> None:
        self._files.datasync(self._fd)
        self.offset = self._written

    patch.setattr(chunk.Head, "sync", sync)


def unlink_early(patch: Patch) -> None:
    honest = chunk.leaving
    patch.setattr(journal, "leaving", lambda chunks, position, *rest: honest(chunks, 1 << 60, *rest))


def no_crc(patch: Patch) -> None:
    def read(data: bytes, offset: int, seed: int) -> scan.Frame | None:
        if offset + ENVELOPE > len(data):
            return None
        magic, _, kind, length, number, _, _ = WHOLE.unpack_from(data, offset)
        end = offset + ENVELOPE + length
        if magic != MAGIC or end > len(data):
            return None
        opens, kind = kind >= OPENS_GROUP, kind & ~OPENS_GROUP
        return scan.Frame(number, KINDS.get(kind, kind), data[offset + ENVELOPE : end], opens, end)

    patch.setattr(scan, "_read", read)


def trust_info(patch: Patch) -> None:
    def sources(*args: Any) -> tuple[list[account.Source], list[Path]]:
        ours, foreign = honest(*args)
        return [source for source in ours if source.number <= told[0]], foreign

    def hint(self: journal.Journal) -> int:
        told[0] = honest_hint(self)
        return told[0]

    told = [0]
    honest, honest_hint = opening._sources, journal.Journal._hint
    patch.setattr(opening, "_sources", sources)
    patch.setattr(journal.Journal, "_hint", hint)


def no_resynchronisation(patch: Patch) -> None:
    patch.setattr(scan, "_resume", lambda data, offset, seed: None)


def no_cut_on_error(patch: Patch) -> None:
    patch.setattr(chunk.Head, "cut", lambda self: None)


def burnt_numbers_forgotten(patch: Patch) -> None:
    def settle(self: Any, group: Group, error: BaseException | None) -> None:
        honest(self, group, error)
        self._burnt = None

    honest = GroupCommit._settle
    patch.setattr(GroupCommit, "_settle", settle)


MUTANTS = [
    (no_sync, survives_crashes),
    (answer_before_sync, survives_crashes),
    (no_directory_sync, survives_crashes),
    (unlink_early, survives_crashes),
    (no_crc, survives_damage),
    (trust_info, survives_stale_info),
    (no_resynchronisation, survives_damage),
    (no_cut_on_error, survives_a_full_disk),
    (burnt_numbers_forgotten, survives_a_full_disk),
]


@pytest.fixture
def patched() -> Iterator[Patch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.mark.proof
@pytest.mark.parametrize(("mutant", "survives"), MUTANTS, ids=lambda function: function.__name__)
def test_a_mutant_is_noticed(
    tmp_path: Path,
    patched: Patch,
    mutant: Callable[[Patch], None],
    survives: Callable[[Path], bool],
    figure: Callable[[str], None],
) -> None:
    mutant(patched)
    assert not survives(tmp_path)
    figure(mutant.__name__.replace("_", " "))


@pytest.mark.parametrize("survives", [survives_damage, survives_stale_info, survives_a_full_disk])
def test_the_journal_itself_survives(tmp_path: Path, survives: Callable[[Path], bool]) -> None:
    assert survives(tmp_path)
