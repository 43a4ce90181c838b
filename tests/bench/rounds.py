"""Part `load`: many connections post small tasks to one fast recipient, against the yardstick in pairs."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.bench.load import Plan, Posted
from tests.bench.report import Figure, Target
from tests.bench.servers import Start, bare, listening, okydrom, post

DRAINED_WITHIN = 120.0  # seconds after the last answer

# Of a Round's fields: what it is called, and what is aimed at.
FIGURES = (
    ("accepted_rate", "accepted/s", Target("≥", 1.3, of_ratio=True)),
    ("delivered_rate", "delivered/s", Target("≥", 1.3, of_ratio=True)),
    ("cpu", "CPU s per 1,000 tasks", Target("≤", 0.75, of_ratio=True)),
    ("loop_cpu", "of these in the event loop's thread", None),
    ("p50", "p50 of accept, ms", None),
    ("p99", "p99 of accept, ms", Target("≤", 1.5, of_ratio=True)),
    ("rss", "RSS after the load, MiB", Target("≤", 100)),
    ("peak", "RSS at its highest, MiB", None),
    ("generator", "load generator, % of one processor", None),
    ("undelivered", "accepted but not delivered", Target("≤", 0)),
    ("repeated", "requests beyond one a task", None),
)


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one server did in one round. Delivered are tasks, not requests."""

    accepted: int
    accepted_rate: float  # per second, while there was load
    delivered_rate: float  # per second, from the first post to the last delivery
    cpu: float  # seconds of the server's processor time per 1,000 tasks, accepted and delivered
    loop_cpu: float  # the part of its main thread
    p50: float  # ms
    p99: float
    rss: float  # MiB
    peak: float
    generator: float
    undelivered: int
    repeated: int
    posted: Posted


async def measure(start: Start, work: Path, *, seconds: float, connections: int = 64) -> Round:
    """One round: start a server and a recipient, post, and wait until everything is delivered and kept."""
    async with listening(work) as recipient, start(work) as server:
        before, loop_before = server.process.cpu(), server.process.main_thread_cpu()
        plan = Plan(server=server.url, recipient=recipient.url, connections=connections, seconds=seconds)
        posted = await post(plan, work)
        came = await recipient.figures(posted.accepted, DRAINED_WITHIN)
        await server.process.rest()
        thousands = posted.accepted / 1000
        lasted = posted.ended - posted.started
        return Round(
            accepted=posted.accepted,
            accepted_rate=posted.accepted / lasted,
            delivered_rate=came.tasks / (came.last - posted.started),
            cpu=(server.process.cpu() - before) / thousands,
            loop_cpu=(server.process.main_thread_cpu() - loop_before) / thousands,
            p50=posted.p50,
            p99=posted.p99,
            rss=server.process.rss(),
            peak=server.process.peak(),
            generator=100 * posted.cpu / lasted,
            undelivered=posted.accepted - came.tasks,
            repeated=came.requests - came.tasks,
            posted=posted,
        )


async def load_part(work: Path, *, rounds: int, seconds: float) -> list[Figure]:
    """Pairs of rounds, each server on a fresh directory."""
    yardstick: list[Round] = []
    service: list[Round] = []
    for _ in range(rounds):
        for start, kept in ((bare, yardstick), (okydrom, service)):
            with TemporaryDirectory(dir=work) as fresh:
                kept.append(await measure(start, Path(fresh), seconds=seconds))
    return _figures(yardstick, service)


def _figures(yardstick: Sequence[Round], service: Sequence[Round]) -> list[Figure]:
    return [
        Figure(
            name,
            [getattr(each, field) for each in service],
            [getattr(each, field) for each in yardstick],
            target,
        )
        for field, name, target in FIGURES
    ]
