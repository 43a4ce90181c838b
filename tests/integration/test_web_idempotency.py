"""The `Idempotency-Key` of a create over real sockets: what is the same request, and what it is answered."""

import asyncio
from pathlib import Path

import orjson
import pytest

from okydrom.errors import DiskFull
from okydrom.intake.accept import Accept
from tests.support.inside import NOWHERE, Answered, Inside, inside

SMALL = orjson.dumps({"url": NOWHERE, "payload": 1, "retry": {"schedule": ["1h"]}})
OTHER = SMALL + b" "
NDJSON = "application/x-ndjson"


async def total(service: Inside) -> int:
    return int((await service.get("/tasks/count")).json["total"])


def same(again: Answered, first: Answered) -> bool:
    """Is it the first answer, said to be that?"""
    marked = first.body.replace(b'"duplicate":false', b'"duplicate":true')
    return (
        (again.status, again.body) == (first.status, marked)
        and again.headers.get("Location") == first.headers.get("Location")
        and again.headers["Idempotency-Replayed"] == "true"
    )


async def test_a_request_that_is_sent_again_makes_no_task_and_gets_the_same_answer(service: Inside) -> None:
    first = await service.post(SMALL, Idempotency_Key="k-1")
    assert (first.status, first.json["duplicate"]) == (202, False)
    assert "Idempotency-Replayed" not in first.headers
    again = await service.post(SMALL, Idempotency_Key='"k-1"')
    assert same(again, first)
    assert again.json["duplicate"] is True
    assert await total(service) == 1
    other = await service.post(SMALL, Idempotency_Key="k-2")
    assert other.json["id"] != first.json["id"]


async def test_a_key_survives_a_restart(tmp_path: Path) -> None:
    async with inside(tmp_path) as service:
        first = await service.post(SMALL, Idempotency_Key="k")
    async with inside(tmp_path) as service:
        assert same(await service.post(SMALL, Idempotency_Key="k"), first)
        refused = await service.post(OTHER, Idempotency_Key="k")
        assert (refused.status, refused.json["code"]) == (422, "idempotency_key_reused")
        assert await total(service) == 1


async def test_another_body_type_or_query_is_another_request(service: Inside) -> None:
    assert (await service.post(SMALL, Idempotency_Key="k")).status == 202
    tried = (
        await service.post(OTHER, Idempotency_Key="k"),
        await service.post(SMALL, Idempotency_Key="k", Content_Type="application/json; charset=utf-8"),
        await service.post(SMALL, Idempotency_Key="k", Content_Type=NDJSON),
    )
    assert [(answer.status, answer.json["code"]) for answer in tried] == [(422, "idempotency_key_reused")] * 3
    assert await total(service) == 1


async def test_a_hundred_at_once_make_one_task(service: Inside) -> None:
    answers = await asyncio.gather(*[service.post(SMALL, Idempotency_Key="k") for _ in range(100)])
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sorted(answer.json["duplicate"] for answer in answers) == [False] + [True] * 99
    assert await total(service) == 1


async def test_a_batch_has_one_key_for_all_of_it(service: Inside) -> None:
    lines = b"\n".join([SMALL, b'{"url":"\\"duplicate\\":false"}', SMALL])
    first = await service.post(lines, Content_Type=NDJSON, Idempotency_Key="k")
    assert first.status == 202
    again = await service.post(lines, Content_Type=NDJSON, Idempotency_Key="k")
    assert same(again, first)
    assert (again.json["duplicate"], again.json["items"]) == (True, first.json["items"])
    assert await total(service) == 2


async def test_a_request_that_failed_frees_its_key(service: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise DiskFull(retry_after=10)

    with monkeypatch.context() as patched:
        patched.setattr(Accept, "accept_all", refuse)
        assert (await service.post(OTHER, Idempotency_Key="k")).status == 503
    assert (await service.post(b"{}", Idempotency_Key="k")).status == 422
    assert (await service.post(b"[{}]", Idempotency_Key="k")).status == 422
    assert (await service.post(SMALL, Idempotency_Key="k")).status == 202


async def test_a_large_request_is_told_from_another(service: Inside) -> None:
    large = b"[" + b",".join([SMALL] * 900) + b"]"
    first = await service.post(large, Idempotency_Key="k")
    assert same(await service.post(large, Idempotency_Key="k"), first)
    assert (await service.post(large + b" ", Idempotency_Key="k")).status == 422


@pytest.mark.parametrize("key", ["k", "k" * 255, '"' + "k" * 255 + '"', r'"\"\\"', "a,b;c=1", "0", '" "'])
async def test_keys_that_are_taken(service: Inside, key: str) -> None:
    assert (await service.post(SMALL, Idempotency_Key=key)).status == 202


@pytest.mark.parametrize(
    "key", ["", " ", "k" * 256, '"' + "k" * 256 + '"', '""', '"a', 'a"b"\tc', "a b", '"a";b=1', r'"\a"', "ж"]
)
async def test_keys_that_are_refused(service: Inside, key: str) -> None:
    answer = await service.post(SMALL, Idempotency_Key=key)
    assert (answer.status, answer.faults) == (422, [("#Idempotency-Key", "invalid_key")])
    assert await total(service) == 0


async def test_two_keys_are_none(service: Inside) -> None:
    head = (
        b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
        b"Idempotency-Key: a\r\nIdempotency-Key: a\r\nContent-Length: %d\r\n\r\n" % len(SMALL)
    )
    assert (await service.raw(head + SMALL)).startswith(b"HTTP/1.1 422 ")
