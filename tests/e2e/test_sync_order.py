"""An answer is written only after the sync that covers its task has returned: read off a trace of system calls."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.disk import require
from tests.support.ledger import Ledger, listening
from tests.support.load import Load
from tests.support.service import CARELESS, OKYDROM, serving
from tests.support.trace import SYNCS, WRITES, Call, named, read_trace, traced, uncovered_answers

TASKS = 1_000
PADDING = 200
CHUNKS = "/journal/"
CALLS = (*WRITES, *SYNCS, "openat")
UV = {"UV_USE_IO_URING": "0"}  # all calls are made as calls


async def traced_run(
    directory: Path, program: tuple[str, ...], tasks: int
) -> tuple[list[Call], dict[str, str]]:
    """The calls of a service that accepts some tasks, and what marks each task's bytes, by its id."""
    trace = directory / "trace"
    async with (
        listening(Ledger()) as ledger,
        serving(directory, program=program, start=False) as service,
        Load(
            service.url, lambda number: {"url": ledger.url(path=f"/mark-{number}-")}, padding=PADDING
        ) as load,
    ):
        await service.start(*traced(trace, CALLS), timeout=40, **UV)
        await load.send(tasks)
        await ledger.holds(load.acknowledged)
        await service.kill()
        marks = {task_id: arrivals[0].target for task_id, arrivals in ledger.by_id.items()}
    return read_trace(trace.read_text("utf-8", "replace")), marks


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_every_answer_follows_the_end_of_the_sync_that_covers_it(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    require("strace")
    calls, marks = await traced_run(tmp_path, OKYDROM, TASKS)
    assert len(marks) == TASKS
    assert uncovered_answers(calls, marks, CHUNKS) == []

    groups = [call for call in named(calls, WRITES, CHUNKS) if "/mark-" in call.text]
    files = {call.path for call in groups}
    syncs = [call for call in named(calls, SYNCS, CHUNKS) if call.path in files]
    directory = [
        call for call in named(calls, SYNCS, CHUNKS.rstrip("/")) if call.path.endswith(CHUNKS.rstrip("/"))
    ]
    chunks = {call.path for call in named(calls, WRITES, CHUNKS)}
    figure(
        f"{1000 * len(syncs) / TASKS:.0f} syncs for 1,000 answers; {len(groups)} groups, {len(chunks)} chunks"
    )
    assert len(groups) <= len(syncs) <= len(groups) + 2 * len(chunks)
    assert len(directory) <= 2 * len(chunks)


async def test_answers_that_wait_for_no_sync_are_found(tmp_path: Path) -> None:
    require("strace")
    calls, marks = await traced_run(tmp_path, CARELESS, 20)
    assert len(uncovered_answers(calls, marks, CHUNKS)) == 20
