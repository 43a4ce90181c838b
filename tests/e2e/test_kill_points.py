"""Killed at the n-th write, sync, rename or unlink of accepting, delivering and trimming, nothing is lost; nor when
the disk fails at the n-th sync.

The n-th call is that of any thread: of the journal's writer, of the store's, or of the loop that answers.
"""

import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.disk import require
from tests.support.ledger import Ledger, judge, listening
from tests.support.load import Load
from tests.support.service import Service, serving, status_of
from tests.support.trace import failing_at, killed_at, read_trace, traced
from tests.support.wait import wait_until

CALLS = ("write", "fdatasync", "rename", "unlink")
POINTS = 3  # of each call, in CI
TASKS = 60
PADDING = 4_000  # bytes of a task: a chunk holds about 15, so that some are trimmed
UV = {"UV_USE_IO_URING": "0"}  # all calls are made as calls


@pytest.mark.proof
@pytest.mark.timeout(300)
async def test_nothing_is_lost_whatever_call_is_the_last(
    tmp_path: Path, rounds: Callable[[int], int], seed: int, figure: Callable[[str], None]
) -> None:
    require("strace")
    calls = await counted(tmp_path)
    assert all(calls[name] for name in CALLS), calls
    chance = random.Random(seed)
    died: Counter[str] = Counter()
    acknowledged = 0
    for name in CALLS:
        for number in points(calls[name], rounds(POINTS), chance):
            code, count = await broken_once(tmp_path / f"{name}-{number}", killed_at(name, number))
            died[name] += code == -signal.SIGKILL
            acknowledged += count
    figure(", ".join(f"{died[name]} x {name}" for name in CALLS) + f"; {acknowledged} acknowledged, 0 lost")
    assert all(died[name] for name in CALLS), died


@pytest.mark.proof
@pytest.mark.timeout(300)
async def test_a_disk_that_fails_ends_the_process_and_loses_nothing(
    tmp_path: Path, rounds: Callable[[int], int], seed: int, figure: Callable[[str], None]
) -> None:
    require("strace")
    syncs = (await counted(tmp_path))["fdatasync"]
    codes: Counter[int] = Counter()
    for point in points(syncs // 2, rounds(POINTS), random.Random(seed)):
        number = (
            syncs // 4 + point
        )  # not the first, which are made while it opens; not the last, which may not come
        code, _ = await broken_once(tmp_path / str(number), failing_at("fdatasync", number))
        codes[code] += 1
    figure(", ".join(f"{count} x exit code {code}" for code, count in sorted(codes.items())) + "; 0 lost")
    assert set(codes) <= {0, 4, 6}, "0: it came not so far, 4: while it opened, 6: while it ran"
    assert codes[6]


def points(calls: int, wanted: int, chance: random.Random) -> list[int]:
    """Numbers of calls, one in each of as many stretches of the run.

    >>> points(3, 5, random.Random(1))
    [1, 2, 3]
    """
    wanted = min(calls, wanted)
    edges = [1 + calls * part // wanted for part in range(wanted + 1)]
    return [chance.randrange(low, high) for low, high in pairwise(edges)]


async def counted(directory: Path) -> Mapping[str, int]:
    """How often the busiest thread makes each call in one undisturbed run."""
    trace = directory / "trace"
    directory = directory / "counted"
    directory.mkdir()
    async with listening(Ledger()) as ledger, serving(directory, start=False) as service:
        await service.launch(*traced(trace, CALLS), **UV)
        await worked(service, ledger)
        await service.kill()
    by_thread = Counter((call.pid, call.name) for call in read_trace(trace.read_text("utf-8", "replace")))
    return {name: max(by_thread[key] for key in by_thread if key[1] == name) for name in CALLS}


async def broken_once(directory: Path, fault: list[str]) -> tuple[int, int]:
    """Let the service meet a fault, start it again; how it ended (0: it met none), and how many were acknowledged."""
    directory.mkdir()
    async with listening(Ledger()) as ledger, serving(directory, start=False) as service:
        await service.launch(*fault, **UV)
        load = await worked(service, ledger)
        code = 0 if service.alive else await service.ended()
        await service.kill()
        await service.start()
        await ledger.holds(load.acknowledged)
        assert await service.stop() == 0
    verdict = judge(load.acknowledged, load.posted, ledger)
    assert (verdict.lost, verdict.wrong) == ((), ()), fault
    return code, verdict.acknowledged


async def worked(service: Service, ledger: Ledger) -> Load:
    """Accept, deliver and trim, until the work is done or the service is dead."""

    async def up_or_dead() -> bool:
        return not service.alive or await status_of(service.port, "/readyz") == 200

    await wait_until(up_or_dead, 30)
    async with Load(service.url, lambda _: {"url": ledger.url()}, padding=PADDING) as load:
        async with load.running(connections=4):
            await wait_until(lambda: not service.alive or len(load.acknowledged) >= TASKS, 30)
        await wait_until(lambda: not service.alive or set(load.acknowledged) <= set(ledger.by_id), 30)
    return load
