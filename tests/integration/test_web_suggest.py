"""Completion: values of the newest tasks by their beginning, in any case, at the price of one look."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from okydrom.store.sqlite import frequent
from okydrom.web import keys, vocabulary
from tests.support.inside import NOWHERE, Inside
from tests.support.stores import Make, each_store, opened
from tests.support.tasks import make_task


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered, unless a test wants it."""
    monkeypatch.setattr(vocabulary, "LASTS", 0.0)


async def suggested(service: Inside, field: str, prefix: str = "") -> list[tuple[str, int]]:
    """Values and counts."""
    answer = await service.get(f"/suggest?field={field}&prefix={prefix}")
    assert answer.status == 200, answer.body
    return [(item["value"], item["count"]) for item in answer.json["items"]]


async def filled(service: Inside) -> None:
    """Tasks of some events, labels and destinations."""
    events = ["Order.paid"] * 3 + ["order.sent"] * 2 + ["user.created", "Заказ.Оплачен", "заказ.отправлен"]
    for event in events:
        await service.create(event=event, labels={"tenant": event[:5].upper(), "Город": "Псков"}, delay="1h")
    await service.create(url="http://billing.internal:8443/x", delay="1h")
    await service.app[keys.PUMP].caught_up()


async def test_values_are_found_by_their_beginning_in_any_case(service: Inside) -> None:
    await filled(service)
    assert await suggested(service, "event", "ORD") == [("Order.paid", 3), ("order.sent", 2)]
    assert await suggested(service, "event", "order.S") == [("order.sent", 2)]
    assert await suggested(service, "event", "ЗАКАЗ") == [("Заказ.Оплачен", 1), ("заказ.отправлен", 1)]
    assert await suggested(service, "event", "rder") == []
    assert (await suggested(service, "event"))[0] == ("Order.paid", 3)


async def test_labels_are_found_by_name_and_value(service: Inside) -> None:
    await filled(service)
    assert await suggested(service, "label") == [("tenant", 8), ("Город", 8)]
    assert await suggested(service, "label", "го") == [("Город", 8)]
    assert await suggested(service, "label.Город", "пс") == [("Псков", 8)]
    assert await suggested(service, "label.tenant", "use") == [("USER.", 1)]
    assert await suggested(service, "label.nobody") == []


async def test_destinations_are_found_by_their_host_too(service: Inside) -> None:
    await filled(service)
    here = ("http://127.0.0.1:1", 8)
    billing = ("http://billing.internal:8443", 1)
    assert await suggested(service, "destination") == [here, billing]
    assert await suggested(service, "destination", "http") == [here, billing]
    assert await suggested(service, "destination", "BILL") == [billing]
    assert await suggested(service, "source") == [("local", 9)]


async def test_at_most_twenty_are_shown(service: Inside) -> None:
    for number in range(22):
        await service.create(event=f"e{number}", delay="1h")
    await service.app[keys.PUMP].caught_up()
    assert len(await suggested(service, "event", "e")) == 20


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("", ("#field", "required")),
        ("field=", ("#field", "unknown_value")),
        ("field=label.", ("#field", "unknown_value")),
        (f"field=label.{'x' * 65}", ("#field", "unknown_value")),
        ("field=evnt", ("#field", "unknown_value")),
        ("field=url", ("#field", "unknown_value")),
        (f"field=event&prefix={'x' * 257}", ("#prefix", "too_long")),
        ("field=event&limit=3", ("#limit", "unknown_parameter")),
    ],
)
async def test_a_bad_parameter_is_refused(service: Inside, query: str, fault: tuple[str, str]) -> None:
    answer = await service.get(f"/suggest?{query}")
    assert (answer.status, answer.faults) == (422, [fault])


async def test_a_slip_of_the_pen_is_put_right(service: Inside) -> None:
    answer = await service.get("/suggest?field=evnt")
    assert "Did you mean 'event'?" in answer.json["errors"][0]["message"]


async def test_typing_costs_one_look(service: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "LASTS", 60.0)
    store, looks = service.app[keys.STORE], list[str]()
    look: Any = store.frequent

    async def counted(field: str, deadline: float) -> Any:
        looks.append(field)
        return await look(field, deadline)

    monkeypatch.setattr(store, "frequent", counted)
    await asyncio.gather(*(service.get(f"/suggest?field=event&prefix={prefix}") for prefix in "order"))
    assert looks == ["event"]
    for number in range(2 * vocabulary.REMEMBERED):
        await service.get(f"/suggest?field=label.{number}")
    assert len(service.app[keys.VOCABULARY]._known) == vocabulary.REMEMBERED
    await service.create(event="fresh", url=NOWHERE, delay="1h")
    await service.app[keys.PUMP].caught_up()
    assert await suggested(service, "event", "fresh") == [("fresh", 1)], "it was forgotten to make room"


@each_store
async def test_only_the_newest_tasks_are_looked_at(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frequent, "MOST", 30)
    monkeypatch.setattr(frequent, "STEP", 10)
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task(event="old", labels={"a": "old"}) for _ in range(50)))
        await rig.add(*(make_task(event="new", labels={"a": "new"}) for _ in range(25)))
        for field in ("event", "label.a"):
            found = await rig.store.frequent(field)
            assert (dict(found.counts), found.looked_at) == ({"new": 25, "old": 5}, 30)


@each_store
async def test_the_deadline_leaves_what_was_found(make: Make, tmp_path: Path) -> None:
    async with opened(make, tmp_path) as rig:
        await rig.add(*(make_task(event="e") for _ in range(20_000)))
        found = await rig.store.frequent("event", 0.0)
        assert found.looked_at < frequent.MOST
        assert found.counts.get("e", 0) == found.looked_at
