"""`q` on every call that takes a filter."""

from typing import Any
from urllib.parse import quote

import orjson
import pytest

from tests.support.inside import Inside


async def listed(service: Inside, phrase: str, more: str = "") -> list[str]:
    """The ids of a list, and that the count agrees."""
    answer = await service.get(f"/tasks?q={quote(phrase)}{more}")
    assert answer.status == 200, answer.body
    ids = [task["id"] for task in answer.json["items"]]
    assert (await service.get(f"/tasks/count?q={quote(phrase)}{more}")).json["total"] == len(ids)
    return ids


async def test_a_text_filters_lists_and_counts(service: Inside) -> None:
    paid = await service.create(event="order.paid", labels={"tenant": "acme, inc"}, delay="1h")
    sent = await service.create(event="order.sent", labels={"tenant": "other"}, delay="1h", order_key="k")
    for phrase, wanted in (
        ("event:order.paid", [paid]),
        ("event:order.paid,order.sent created:>-1h", [sent, paid]),
        ('label.tenant:"acme, inc"', [paid]),
        ("created:<-1h", []),
        ("order_key:k", [sent]),
        ("ORDER.", [sent, paid]),
        ('"acme, inc" order', [paid]),
        ("acme other", []),
        (sent[:13] + " sent", [sent]),
        ("", [sent, paid]),
    ):
        assert await listed(service, phrase) == wanted, phrase
    assert await listed(service, "order", "&event=order.sent") == [sent]


@pytest.mark.parametrize("call", ["/tasks?limit=5&q=", "/tasks/count?q="])
async def test_faults_come_with_their_column(service: Inside, call: str) -> None:
    answer = await service.get(call + quote('stauts:failed code:9 "x'))
    assert answer.status == 422
    found: Any = [
        (fault["pointer"], fault["code"], fault["params"]["column"]) for fault in answer.json["errors"]
    ]
    assert found == [
        ("#q", "unknown_word", 1),
        ("#q", "invalid_value", 20),
        ("#q", "unclosed_quote", 22),
    ]
    assert answer.json["errors"][0]["params"]["suggestion"] == "status"


async def test_a_bulk_operation_takes_a_text(service: Inside) -> None:
    made = await service.create(event="order.paid", delay="1h")
    await service.create(event="order.sent", delay="1h")
    asked = {"action": "cancel", "filter": {"q": "event:order.paid order"}}
    plan = await bulk(service, asked | {"dry_run": True})
    assert [task["id"] for task in plan["sample"]] == [made]
    wrong = await bulk(service, asked | {"filter": {"q": "evnt:x"}, "dry_run": True})
    assert [(fault["pointer"], fault["params"]["column"]) for fault in wrong["errors"]] == [("/filter/q", 1)]


async def bulk(service: Inside, asked: dict[str, Any]) -> Any:
    data = orjson.dumps(asked)
    return (await service.call("POST", "/api/v1/bulk", data, Content_Type="application/json")).json
