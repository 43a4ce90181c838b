"""Several tasks in one POST: arrays and lines, good ones beside bad ones, and all their bounds."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.config.settings import MIB
from okydrom.errors import DiskFull
from okydrom.intake.accept import Accept
from okydrom.intake.journal import Journal
from okydrom.web import keys
from tests.support.inside import NOWHERE, Answered, Inside, inside
from tests.support.lag import Lag
from tests.support.wait import wait_until

GOOD = {"url": NOWHERE, "retry": {"schedule": ["1h"]}}
SMALL = orjson.dumps(GOOD)


async def array(service: Inside, *items: bytes) -> Answered:
    return await service.post(b"[" + b",".join(items) + b"]")


async def lines(service: Inside, *items: bytes) -> Answered:
    return await service.post(b"\n".join(items), Content_Type="application/x-ndjson")


@pytest.mark.parametrize("post", [array, lines])
async def test_good_ones_are_kept_beside_bad_ones_each_with_its_answer(service: Inside, post: Any) -> None:
    bad = orjson.dumps({"urll": NOWHERE})
    answer = await post(service, SMALL, bad, b"7", SMALL)
    assert answer.status == 202
    items = answer.json["items"]
    assert [item["index"] for item in items] == [0, 1, 2, 3]
    assert [set(item) == {"index", "error"} for item in items] == [False, True, True, False]
    assert set(items[0]) == {"index", "id"}
    error = items[1]["error"]
    assert (error["status"], error["code"], error["errors"][0]["pointer"]) == (422, "invalid", "/urll")
    for item in (items[0], items[3]):
        assert (await service.task(item["id"]))["url"] == NOWHERE
    assert len((await service.get("/tasks")).json["items"]) == 2


@pytest.mark.parametrize("post", [array, lines])
async def test_where_none_is_good_all_is_422_with_every_fault(service: Inside, post: Any) -> None:
    answer = await post(service, b'{"url":"ftp://a/"}', b"null", b'{"url":"http://a/","event":""}')
    assert (answer.status, answer.json["code"]) == (422, "none_accepted")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.faults == [("/0/url", "url_scheme"), ("/1", "wrong_type"), ("/2/event", "empty")]
    assert [item["index"] for item in answer.json["items"]] == [0, 1, 2]
    assert (await service.get("/tasks")).json["items"] == []


async def test_a_broken_line_is_refused_alone_and_a_broken_array_as_a_whole(service: Inside) -> None:
    answer = await lines(service, SMALL, b'{"url":', b"\xff", b"[" * 2_000, b"  ", SMALL + b"\r")
    codes = [item.get("error", {}).get("code") for item in answer.json["items"]]
    assert (answer.status, codes) == (202, [None, "bad_request", "bad_request", "bad_request", None])
    for broken in (b'{"url":', b"{} {}", b"", b"[" * 200_000):
        answer = await array(service, SMALL, broken)
        assert (answer.status, answer.json["code"]) == (400, "bad_request")
    answer = await array(service, SMALL, b'{"url":"http://a/","payload":"\xff"}', b"[" * 70 + b"]" * 70)
    assert [item.get("error", {}).get("status") for item in answer.json["items"]] == [None, 400, 400]


@pytest.mark.parametrize(
    "exact", [b"9007199254740993", b"1.0", b'"\\u0000\\/"', b'{"b": 1,\t"a" : [ 1.50 ]}']
)
@pytest.mark.parametrize("post", [array, lines])
async def test_bodies_stay_as_they_were_posted(service: Inside, post: Any, exact: bytes) -> None:
    answer = await post(service, b'{"url":"http://127.0.0.1:1/", "payload" : ' + exact + b" }")
    (item,) = answer.json["items"]
    assert (await service.get(f"/tasks/{item['id']}/body")).body == exact


async def test_none_is_422_and_more_than_a_thousand_are_413(service: Inside) -> None:
    for answer in (await service.post(b" [ ] "), await lines(service, b"", b" \r")):
        assert (answer.status, answer.faults) == (422, [("", "empty")])
    for post in (array, lines):
        answer = await post(service, *[SMALL] * 1_001)
        assert (answer.status, answer.json["code"], answer.json["params"]) == (
            413,
            "too_large",
            {"limit": 1_000},
        )
    assert (await service.get("/tasks")).json["items"] == []
    for post in (array, lines):
        answer = await post(service, *[SMALL] * 1_000)
        assert (answer.status, len({item["id"] for item in answer.json["items"]})) == (202, 1_000)
    assert (await service.get("/tasks/count")).json["total"] == 2_000


async def test_millions_of_items_are_refused_at_the_first_too_many(service: Inside) -> None:
    async with asyncio.timeout(5):
        assert (await service.post(b"[" + b"1," * 4_000_000 + b"1]")).status == 413
        assert (await lines(service, b"\n" * 8_000_000)).status == 422
        assert (await lines(service, b"1\n" * 4_000_000)).status == 413


async def test_a_batch_has_a_limit_of_its_own_on_both_sides(tmp_path: Path) -> None:
    async with inside(tmp_path, limits={"body": 1_000, "batch": 400_000}) as service:
        fits = b"[" + SMALL + b"," + b" " * (400_000 - 3 - 2 * len(SMALL)) + SMALL + b"]"
        assert (await service.post(fits)).status == 202
        answer = await service.post(fits + b" ")
        assert (answer.status, answer.json["params"]["limit"]) == (413, 400_000)
        assert (await service.post(SMALL + b" " * 390_000)).status == 413
        assert (await lines(service, SMALL, b" " * 390_000)).status == 202
        big = orjson.dumps(GOOD | {"body": "x" * 1_001})
        answer = await array(service, big, SMALL)
        assert [item.get("error", {}).get("status") for item in answer.json["items"]] == [413, None]


async def test_all_of_a_batch_costs_one_sync(service: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = []
    append = Journal.append

    async def counted(self: Journal, kind: Any, payload: bytes, token: Any) -> Any:
        frames.append(kind)
        return await append(self, kind, payload, token)

    monkeypatch.setattr(Journal, "append", counted)
    assert (await array(service, *[SMALL] * 100)).status == 202
    assert len(frames) == 1


async def test_a_batch_that_can_not_be_kept_is_503_as_a_whole(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise DiskFull(retry_after=10)

    monkeypatch.setattr(Accept, "accept_all", refuse)
    answer = await array(service, SMALL, SMALL)
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "disk_full", "10")


async def test_a_batch_does_not_wait_for_outcomes(service: Inside) -> None:
    async with asyncio.timeout(5):
        answer = await service.post(b"[" + SMALL + b"]", Prefer="wait=30")
    assert answer.status == 202
    assert "Preference-Applied" not in answer.headers


async def test_the_largest_batches_leave_room_for_other_calls(service: Inside) -> None:
    body = orjson.dumps(GOOD | {"payload": {"text": "x" * 8_600, "numbers": [1] * 20}})
    batch = b"[" + b",".join([body] * (8 * MIB // (len(body) + 1))) + b"]"
    lag = Lag()
    try:
        for _ in range(5):
            assert (await service.post(batch)).status == 202
            await wait_until(
                lambda: service.app[keys.PUMP].bytes == 0, 20
            )  # else it may be refused for want of memory
        print(f"worst lag of the loop with batches of {len(batch)} bytes: {lag.ms:.0f} ms")
        assert lag.ms < 1_000
    finally:
        lag.stop()
