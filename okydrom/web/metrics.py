"""Figures for Prometheus and whoever reads its text formats: gathered when they are asked for, kept nowhere.

None names a destination, a source or a task: their number is without bound, and the API tells of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from aiohttp import web
from prometheus_client import ProcessCollector, exposition, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from okydrom import __version__
from okydrom.errors import StoreFailed, Unavailable
from okydrom.intake.health import Level
from okydrom.intake.stats import Stats
from okydrom.intake.tally import Tally
from okydrom.store.contract import Summary
from okydrom.web.answers import CLOSED
from okydrom.web.keys import HEALTH, HUB, INSTANCE, LANES, MINUTES, NOW, PUMP, STORE, TROUBLES
from okydrom.web.live import oldest_due
from okydrom.web.negotiation import preferred
from okydrom.web.sending import shown_counts

LEVELS: Mapping[Level, int] = {Level.OK: 0, Level.WARN: 1, Level.BAD: 2}
PROCESS = ProcessCollector(registry=None)
# By media type; the first for whoever names none of them.
FORMATS: Mapping[str, tuple[Callable[[Collector], bytes], str]] = {
    "text/plain": (generate_latest, exposition.CONTENT_TYPE_PLAIN_0_0_4),
    "application/openmetrics-text": (openmetrics.generate_latest, openmetrics.CONTENT_TYPE_LATEST),
}


async def show(request: web.Request) -> web.Response:
    """All of them; without those of the store while it can't be read."""
    try:
        summary = await request.app[STORE].summary()
    except (Unavailable, StoreFailed):
        summary = None
    encode, kind = FORMATS[preferred(request.headers.get("Accept", ""), tuple(FORMATS))]
    return web.Response(body=encode(Reading(request.app, summary)), headers=CLOSED | {"Content-Type": kind})


class Reading(Collector):
    """One reading of everything."""

    def __init__(self, app: web.Application, summary: Summary | None) -> None:
        self._app = app
        self._summary = summary

    def collect(self) -> Iterator[Metric]:
        """As the library wants it."""
        app = self._app
        about = {"version": __version__, "instance": app[INSTANCE]}
        yield InfoMetricFamily("okydrom_build", "Version, and instance of the data directory", about)
        yield gauge("okydrom_ready", "1 if tasks are taken", not app[TROUBLES]())
        yield from self._parts()
        yield from self._standing()
        yield from _turnover(app[MINUTES].tally)
        yield from _journal(app[HEALTH].journal)
        yield gauge("okydrom_event_streams", "Streams of events that are open", app[HUB].streams)
        yield from PROCESS.collect()

    def _parts(self) -> Iterator[Metric]:
        """The parts of the service, as /stats tells of them."""
        checks = {check.key: check for check in self._app[HEALTH].checks()}
        levels = GaugeMetricFamily(
            "okydrom_health", "0 in order, 1 warning, 2 bad, by part of the service", labels=["part"]
        )
        for key, check in checks.items():
            levels.add_metric([key], LEVELS[check.level])
        yield levels
        held = checks["destinations_held"].value
        yield gauge("okydrom_destinations_held", "Destinations that are held", held)
        yield gauge("okydrom_disk_free_bytes", "Room where the data directory is", checks["disk_free"].value)
        pump = self._app[PUMP]
        yield gauge("okydrom_index_lag_tasks", "Tasks accepted and not in the store yet", pump.waiting)
        yield gauge("okydrom_index_lag_bytes", "Their bytes", pump.bytes)

    def _standing(self) -> Iterator[Metric]:
        """What waits, is being sent, and has ended."""
        lanes, summary = self._app[LANES], self._summary
        yield gauge("okydrom_senders", "Attempts that can be under way at once", lanes.flights.senders)
        if summary is None:
            return
        tasks = GaugeMetricFamily("okydrom_tasks", "Tasks kept, by status", labels=["status"])
        for status, count in shown_counts(lanes.flights, summary.by_status).items():
            tasks.add_metric([status], count)
        yield tasks
        oldest = oldest_due(self._app, summary)
        overdue = 0 if oldest is None else max(self._app[NOW]() - oldest, 0) / 1000
        yield gauge("okydrom_overdue_seconds", "For how long the oldest task has been due", overdue)


def gauge(name: str, about: str, value: float | str | None) -> Metric:
    """One figure; none where it is not known."""
    family = GaugeMetricFamily(name, about)
    if isinstance(value, int | float):
        family.add_metric([], value)
    return family


def _turnover(tally: Tally) -> Iterator[Metric]:
    yield CounterMetricFamily("okydrom_tasks_accepted", "Tasks taken in", tally.accepted)
    ended = CounterMetricFamily("okydrom_tasks_ended", "Tasks that ended, by status", labels=["status"])
    for status, count in tally.ended.items():
        ended.add_metric([status], count)
    yield ended
    attempts = CounterMetricFamily("okydrom_attempts", "Attempts that ended, by outcome", labels=["outcome"])
    for outcome, count in sorted(tally.attempts.items()):
        attempts.add_metric([outcome], count)
    yield attempts
    buckets = [("+Inf" if ms == float("inf") else str(ms / 1000), count) for ms, count in tally.durations()]
    yield HistogramMetricFamily(
        "okydrom_attempt_duration_seconds", "How long attempts took", buckets, tally.total / 1000
    )


def _journal(stats: Stats) -> Iterator[Metric]:
    yield CounterMetricFamily("okydrom_journal_syncs", "Syncs of the journal", stats.syncs)
    yield CounterMetricFamily("okydrom_journal_bytes", "Bytes kept in it", stats.bytes)
    yield CounterMetricFamily("okydrom_journal_refused", "Groups of tasks it could not keep", stats.refused)
    took = stats.percentile(0.99) / 1000
    yield gauge("okydrom_journal_sync_p99_seconds", "What 99 of 100 recent syncs stayed within", took)
    yield gauge("okydrom_journal_damage_bytes", "Bytes found damaged at the start", stats.damaged)
    yield gauge("okydrom_journal_gaps", "Gaps found at the start", stats.gaps)
