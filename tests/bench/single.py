"""Part `single`: one connection, so each answer waits for a sync of its own; against one sync of the same disk."""

import os
import time
from pathlib import Path
from statistics import median

from tests.bench.report import Figure, Target
from tests.bench.rounds import measure
from tests.bench.servers import okydrom

SYNCS = 300
BLOCK = 512  # bytes, about one frame of the journal
ALLOWANCE = 1.0  # ms beside the sync


async def single_part(work: Path, *, seconds: float) -> list[Figure]:
    """Sync, post, sync: so that a disk that changes its pace is seen in both."""
    syncs = time_syncs(work)
    one = await measure(okydrom, work, seconds=seconds, connections=1)
    sync = median(syncs + time_syncs(work))
    return [
        Figure("one connection: one fdatasync, p50, ms", [sync]),
        Figure("one connection: p50 of accept, ms", [one.p50], target=Target("≤", sync + ALLOWANCE)),
        Figure("one connection: p99 of accept, ms", [one.p99]),
        Figure("one connection: accepted/s", [one.accepted_rate]),
    ]


def time_syncs(directory: Path) -> list[float]:
    """Milliseconds that writing a block into a zero-filled file and `fdatasync` take, many times."""
    path = directory / "syncs"
    path.write_bytes(bytes(SYNCS * BLOCK))
    times = []
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
        for number in range(SYNCS):
            started = time.perf_counter()
            os.pwrite(fd, b"x" * BLOCK, number * BLOCK)
            os.fdatasync(fd)
            times.append((time.perf_counter() - started) * 1000)
    finally:
        os.close(fd)
        path.unlink()
    return times
