"""Figures over HTTP: of this moment, of a window, and of the parts of the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from okydrom.config.settings import DAY, HOUR
from okydrom.intake.health import Health, Level
from okydrom.intake.minutes import MINUTE
from okydrom.intake.window import WINDOWS
from okydrom.store.minute import Minute
from okydrom.web import keys
from tests.support.inside import Inside
from tests.support.ledger import Answer, Ledger
from tests.support.wait import wait_until

COUNTED = ("accepted", "delivered", "failed", "cancelled")
HEALTH = {
    "journal_sync_p99": "ms",
    "index_lag": "tasks",
    "disk_free": "bytes",
    "disk_days_left": "days",
    "destinations_held": "destinations",
    "journal_damage": "bytes",
    "journal_gaps": "gaps",
    "memory": "bytes",
    "last_check": "time",
}


async def stats(service: Inside, query: str = "") -> Any:
    """What is answered."""
    answer = await service.get(f"/stats{query}")
    assert answer.status == 200, answer.body
    return answer.json


def checks(service: Inside) -> dict[str, tuple[Level, float | str | None]]:
    """Level and value of each part by key."""
    return {check.key: (check.level, check.value) for check in health_of(service).checks()}


def health_of(service: Inside) -> Health:
    """That which looks at the parts."""
    return service.app[keys.HEALTH]


async def test_a_window_tells_what_was_accepted_and_what_became_of_it(
    service: Inside, ledger: Ledger
) -> None:
    ledger.answer = lambda arrival: Answer(200 if arrival.target == "/good" else 500)
    for _ in range(3):
        await service.create(url=ledger.url(path="/good"))
    lost = [await service.create(url=ledger.url(path="/bad"), max_attempts=1) for _ in range(2)]
    withdrawn = await service.create(url=ledger.url(path="/good"), delay="1h")
    await service.call("POST", f"/api/v1/tasks/{withdrawn}/cancel")
    await service.create(url=ledger.url(path="/bad"), retry={"schedule": ["1h"]})
    for task in lost:
        await service.reaches(task, "failed")

    async def all_told() -> bool:
        window = (await stats(service))["window"]
        return [window[name] for name in COUNTED] == [7, 3, 2, 1] and window["first_attempt_share"] == 1

    await wait_until(all_told)
    found = await stats(service, "?window=15m")
    series = found["series"]
    assert (sum(series["accepted"]), sum(series["delivered"]), sum(series["not_2xx"])) == (7, 3, 3)
    assert any(series["p50_ms"])
    assert any(series["p99_ms"])
    assert [found["previous"][name] for name in (*COUNTED, "first_attempt_share")] == [0, 0, 0, 0, None]
    assert found["now"]["retrying"] == 1


@pytest.mark.parametrize("name", [*WINDOWS, None])
async def test_each_window_is_as_long_as_it_says(service: Inside, name: str | None) -> None:
    found = await stats(service, f"?window={name}" if name else "")
    span = WINDOWS[name or "1h"]
    begin, before, now = (
        datetime.fromisoformat(text).timestamp() / 60
        for text in (found["window"]["from"], found["previous"]["from"], found["as_of"])
    )
    assert span.minutes - span.step <= now - begin <= span.minutes
    assert begin - before == span.minutes
    series = found["series"]
    assert series["from"] == found["window"]["from"]
    lengths = {len(values) for values in series.values() if isinstance(values, list)}
    assert lengths == {span.minutes * 60 // series["step_s"]}


@pytest.mark.parametrize("query", ["window=2h", "window=", "window=1H", "windows=1h"])
async def test_a_window_that_there_is_not_is_refused(service: Inside, query: str) -> None:
    answer = await service.get(f"/stats?{query}")
    assert (answer.status, len(answer.faults)) == (422, 1)


async def test_every_part_is_looked_at_and_well(service: Inside) -> None:
    await service.create(delay="1h")
    found = (await stats(service))["health"]
    assert {check["key"]: check["unit"] for check in found} == HEALTH
    assert {check["level"] for check in found} == {"ok"}
    values = {check["key"]: check["value"] for check in found}
    assert values["journal_sync_p99"] > 0
    assert values["disk_free"] > 0
    assert values["memory"] > 10 * 1024**2
    assert values["last_check"] is values["disk_days_left"] is None


async def test_what_is_wrong_with_a_part_shows(service: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    health = health_of(service)
    monkeypatch.setattr(health.journal, "damaged", 17)
    monkeypatch.setattr(health.journal, "gaps", 1)
    monkeypatch.setattr(health._pump, "trouble", "disk_full")
    monkeypatch.setattr(health._disk, "free", 99)
    monkeypatch.setattr(health, "_min_free", 100)
    monkeypatch.setattr(health, "_most", 1)
    monkeypatch.setattr(health._upkeep, "faults", ["task 1: its record is damaged"])
    for _ in range(200):
        health.journal.synced(150.0)
    found = checks(service)
    bad = {"journal_damage", "journal_gaps", "index_lag", "disk_free", "memory", "last_check"}
    assert {key for key, (level, _) in found.items() if level is Level.BAD} == bad
    assert found["journal_sync_p99"] == (Level.WARN, 150.0)
    assert found["journal_damage"][1] == 17


async def test_a_check_that_was_made_is_told_with_its_time(service: Inside) -> None:
    await health_of(service)._upkeep.check()
    level, at = checks(service)["last_check"]
    assert level is Level.OK
    assert str(at) <= (await stats(service))["as_of"]


async def test_held_destinations_are_counted(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda _: Answer(429, headers={"Retry-After": "60"})
    await service.create(url=ledger.url(), retry={"schedule": ["1h"]})
    await service.create(url=ledger.url("127.0.0.2"), retry={"schedule": ["1h"]})
    await wait_until(lambda: checks(service)["destinations_held"] == (Level.WARN, 2))
    key = f"http%3A%2F%2F127.0.0.2%3A{ledger.port}"
    await service.call("POST", f"/api/v1/destinations/{key}/pause")
    assert checks(service)["destinations_held"][1] == 1, "one that is paused is not held"


async def test_days_left_are_told_once_the_disk_fills(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    health, now = health_of(service), service.app[keys.NOW]()
    monkeypatch.setattr(health._disk, "free", 600)
    monkeypatch.setattr(health, "_min_free", 100)
    kept = health._minutes._minutes

    def seen(ago: int, free: int) -> tuple[Level, Any]:
        kept.clear()
        number = (now - ago) // MINUTE
        kept[number] = Minute(number=number, free=free)
        return checks(service)["disk_days_left"]

    assert seen(DAY // 2, 700) == (Level.WARN, pytest.approx(2.5, abs=0.1))
    assert seen(DAY // 2, 1_600) == (Level.BAD, pytest.approx(0.2, abs=0.1))
    assert seen(DAY // 2, 600) == (Level.OK, None), "it does not fill"
    assert seen(HOUR // 2, 700) == (Level.OK, None), "too short to tell"
    assert seen(2 * DAY, 700) == (Level.OK, None), "too long ago"
