"""Part `backlog`: tasks pile up while their recipient refuses connections; then it comes up and they are drained."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.load import Plan
from tests.bench.report import Figure, Target
from tests.bench.rounds import measure
from tests.bench.servers import Recipient, bare, okydrom, post

# The few that were tried while the recipient was down wait for their own schedule: up to five minutes.
DRAINED = 0.99
DRAINED_WITHIN = 600.0  # seconds


async def backlog_part(work: Path, *, tasks: int, seconds: float) -> list[Figure]:
    """Memory while down; the rate from the first delivery on, against what the yardstick delivers."""
    with TemporaryDirectory(dir=work) as fresh:
        yardstick = await measure(bare, Path(fresh), seconds=seconds)
    recipient = Recipient(work)
    async with okydrom(work) as server:
        idle = server.process.rss()
        posted = await post(Plan(server=server.url, recipient=recipient.url, tasks=tasks), work)
        rss, peak = server.process.rss(), server.process.peak()
        up_at = time.monotonic()
        cpu = server.process.cpu()
        async with recipient.listening():
            came = await recipient.figures(int(posted.accepted * DRAINED), DRAINED_WITHIN)
        cpu = server.process.cpu() - cpu
        drain_rate = came.tasks / (came.last - came.first)
        drain_peak = server.process.peak()
    rate = posted.accepted / (posted.ended - posted.started)
    return [
        Figure("backlog: tasks", [posted.accepted]),
        Figure("backlog: accepted/s, recipient down", [rate], [yardstick.accepted_rate]),
        Figure("backlog: refused for a moment", [posted.refused]),
        Figure("backlog: RSS before, MiB", [idle]),
        Figure("backlog: RSS at its highest, MiB", [peak], target=Target("≤", 120)),
        Figure("backlog: RSS at the end of posting, MiB", [rss]),
        Figure("backlog: up until first delivery, s", [came.first - up_at]),
        Figure("backlog: delivered when the wait ended", [came.tasks]),
        Figure(
            "backlog: drained/s",
            [drain_rate],
            [yardstick.delivered_rate],
            Target("≥", 3, of_ratio=True),
        ),
        Figure("backlog: CPU s per 1,000 drained", [cpu * 1000 / came.tasks], [yardstick.cpu]),
        Figure("backlog: RSS at its highest, drain included, MiB", [drain_peak]),
        Figure("backlog: requests beyond one a task", [came.requests - came.tasks]),
    ]
