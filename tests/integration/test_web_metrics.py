"""Figures for Prometheus: true, bounded in number, documented, and there when the store is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from okydrom.errors import StoreFailed
from okydrom.web import keys
from tests.support.inside import Inside, inside
from tests.support.ledger import Answer, Ledger
from tests.support.wait import wait_until

DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
Figures = Mapping[str, float]


async def figures(service: Inside) -> Figures:
    """All samples, by name and labels."""
    answer = await service.call("GET", "/metrics")
    assert answer.status == 200, answer.body
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


async def test_they_tell_what_was_taken_in_and_what_became_of_it(service: Inside, ledger: Ledger) -> None:
    ledger.answer = lambda arrival: Answer(204 if arrival.target == "/good" else 500)
    before = await figures(service)
    assert before["okydrom_tasks_ended_total status=failed"] == 0  # it is there before the first one
    for _ in range(3):
        await service.create(url=ledger.url(path="/good"))
    lost = await service.create(url=ledger.url(path="/bad"), max_attempts=1)
    await service.create(url=ledger.url(path="/bad"), retry={"schedule": ["1h"]})
    await service.reaches(lost, "failed")

    async def told() -> bool:
        now = await figures(service)
        return now["okydrom_tasks status=delivered"] == 3 and now["okydrom_tasks status=retrying"] == 1

    await wait_until(told)
    now = await figures(service)
    assert now["okydrom_tasks_accepted_total"] == 5
    assert now["okydrom_tasks_ended_total status=delivered"] == now["okydrom_tasks status=delivered"] == 3
    assert now["okydrom_tasks_ended_total status=failed"] == 1
    assert now["okydrom_attempts_total outcome=5xx"] == 2
    assert now["okydrom_attempt_duration_seconds_count"] == 5
    assert now["okydrom_attempt_duration_seconds_bucket le=65.536"] == 5
    assert 0 < now["okydrom_attempt_duration_seconds_sum"] < 60
    assert now["okydrom_journal_syncs_total"] >= 1
    assert now["okydrom_ready"] == 1
    assert now["process_resident_memory_bytes"] > 10 * 1024**2


async def test_how_long_the_oldest_has_been_due(service: Inside) -> None:
    assert (await figures(service))["okydrom_overdue_seconds"] == 0
    await service.call("POST", "/api/v1/destinations/http%3A%2F%2F127.0.0.1%3A1/pause")
    await service.create(url="http://127.0.0.1:1/x")

    async def overdue() -> bool:
        return (await figures(service))["okydrom_overdue_seconds"] > 0.2

    await wait_until(overdue)


async def test_the_document_lists_every_one_and_its_kind(service: Inside) -> None:
    answer = await service.call("GET", "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    kinds = {"counter": "_total", "info": "_info"}
    told = {
        family.name + kinds.get(family.type, ""): family.type
        for family in read_openmetrics(answer.body.decode())  # type: ignore[no-untyped-call]
        if family.name.startswith("okydrom")
    }
    listed = dict(re.findall(r"^\| `(okydrom_\w+)` \| (\w+) \|", DOCUMENT, re.MULTILINE))
    assert listed == told
    rules = re.search(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert rules is not None
    assert set(re.findall(r"okydrom_\w+", rules[1])) <= set(told)


async def test_their_number_does_not_grow_with_destinations_and_events(service: Inside) -> None:
    before = len(await figures(service))
    for number in range(20):
        await service.create(
            url=f"http://127.0.0.{number + 1}:1/x", event=f"e{number}", labels={"a": str(number)}
        )

    async def failing() -> bool:
        return (await figures(service)).get("okydrom_attempts_total outcome=connect", 0) >= 20

    await wait_until(failing)
    assert len(await figures(service)) == before


async def test_a_store_that_cant_be_read_takes_only_its_own_along(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise StoreFailed

    monkeypatch.setattr(service.app[keys.STORE], "summary", broken)
    now = await figures(service)
    assert now["okydrom_ready"] == 1
    assert "okydrom_tasks status=queued" not in now


async def test_a_part_in_trouble_shows(service: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await figures(service))["okydrom_health part=journal_gaps"] == 0
    monkeypatch.setattr(service.app[keys.HEALTH].journal, "gaps", 2)
    now = await figures(service)
    assert (now["okydrom_health part=journal_gaps"], now["okydrom_journal_gaps"]) == (2, 2)


@pytest.mark.parametrize(
    ("accept", "spoken"),
    [
        ("application/openmetrics-text;version=abc", "application/openmetrics-text; version=1.0.0"),
        ("application/openmetrics-text;version=7.7.7", "application/openmetrics-text; version=1.0.0"),
        ("application/openmetrics-text;q=0, text/plain", "text/plain; version=0.0.4"),
        ("text/plain;version=x", "text/plain; version=0.0.4"),
        ("text/html", "text/plain; version=0.0.4"),
        ("\u00b2;;,", "text/plain; version=0.0.4"),
    ],
)
async def test_whatever_is_accepted_one_of_two_formats_is_spoken(
    service: Inside, accept: str, spoken: str
) -> None:
    answer = await service.call("GET", "/metrics", Accept=accept)
    assert (answer.status, answer.headers["Content-Type"].partition("; charset")[0]) == (200, spoken)


async def test_behind_a_prefix(tmp_path: Path) -> None:
    async with inside(tmp_path, server={"url_prefix": "/okydrom"}) as service:
        assert (await service.call("GET", "/okydrom/metrics")).status == 200
