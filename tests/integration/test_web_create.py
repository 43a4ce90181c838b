"""POST /tasks over a real socket: what is kept, and what is refused with which status."""

import asyncio
import gzip
import random
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from okydrom.errors import DiskFull, JournalFailed, Overloaded, Stopping
from okydrom.intake.accept import Accept
from okydrom.web.schema import largest_create
from tests.support.inside import NOWHERE, Inside, inside, with_sections

SMALL = orjson.dumps({"url": NOWHERE, "payload": 1, "retry": {"schedule": ["1h"]}})


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, limits={"body": 1000}, server={"body_timeout": 300}) as running:
        yield running


async def test_a_task_is_answered_with_its_place_and_can_be_read_at_once(service: Inside) -> None:
    answer = await service.post(SMALL)
    assert answer.status == 202
    made = answer.json
    assert set(made) == {"id", "status", "created_at", "destination", "duplicate"}
    assert (made["status"], made["destination"], made["duplicate"]) == ("queued", "http://127.0.0.1:1", False)
    assert answer.headers["Location"] == f"/api/v1/tasks/{made['id']}"
    shown = (await service.call("GET", answer.headers["Location"])).json
    assert (shown["id"], shown["created_at"], shown["size"]) == (made["id"], made["created_at"], 1)


async def test_a_payload_comes_back_byte_by_byte(service: Inside) -> None:
    exact = b'{"n": 9007199254740993, "f" : 1.0,"s":"\\u0000\\ud83d\\ude00","r":"\xd0\x96"}'
    answer = await service.post(b'{"url":"http://127.0.0.1:1/","payload":' + exact + b"}")
    body = await service.get(f"/tasks/{answer.json['id']}/body")
    assert body.body == exact


@pytest.mark.parametrize("given", ["application/json; charset=UTF-8", 'Application/JSON;charset="utf-8"'])
async def test_other_spellings_of_the_content_type_are_taken(service: Inside, given: str) -> None:
    assert (await service.post(SMALL, Content_Type=given)).status == 202


async def test_what_is_not_plain_json_is_415(service: Inside) -> None:
    types = (
        "text/plain",
        "application/ndjson",
        "application/json; charset=utf-16",
        "multipart/form-data",
        "",
    )
    for given in types:
        answer = await service.post(SMALL, Content_Type=given)
        assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")
    for data, coding in ((gzip.compress(SMALL), "gzip"), (SMALL, "br"), (SMALL, "anything")):
        answer = await service.post(data, Content_Encoding=coding)
        assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


async def test_what_is_no_json_is_400(service: Inside) -> None:
    for data in (b"", b"{", b"\xff", b'{"url":"\\ud800"}', b"[" * 3000):
        answer = await service.post(data)
        assert (answer.status, answer.json["code"]) == (400, "bad_request")


async def test_faults_are_422_with_their_places(service: Inside) -> None:
    answer = await service.post(b'{"urll":1,"max_attempts":"3","event":"\\u0000"}')
    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert answer.faults == [
        ("/urll", "unknown_field"),
        ("/max_attempts", "wrong_type"),
        ("/url", "required"),
        ("/event", "control_characters"),
    ]


async def test_anything_but_one_object_is_422(service: Inside) -> None:
    for data in (b'"text"', b"1", b"null", b" true"):
        answer = await service.post(data)
        assert (answer.status, answer.faults) == (422, [("", "wrong_type")])


async def test_a_body_over_its_limit_is_413(service: Inside) -> None:
    fits = orjson.dumps({"url": NOWHERE, "payload": "x" * 998, "retry": {"schedule": ["1h"]}})
    assert (await service.post(fits)).status == 202
    over = orjson.dumps({"url": NOWHERE, "payload": "x" * 999})
    answer = await service.post(over)
    assert (answer.status, answer.json["params"]) == (413, {"limit": 1000, "size": 1001})
    escaped = b'{"url":"http://127.0.0.1:1/","body":"' + b"\\u0436" * 500 + b'","retry":{"schedule":[9]}}'
    assert (await service.post(escaped)).status == 202


async def test_a_length_beyond_the_limit_is_refused_before_the_body_comes(service: Inside) -> None:
    head = b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = await service.raw(head + b"Content-Length: 1000000000\r\nConnection: close\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_chunks_beyond_the_limit_are_refused(service: Inside) -> None:
    limits = with_sections(limits={"body": 1000}).limits
    most = max(largest_create(limits), limits.batch)
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    head = (
        b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    answer = await service.raw(head + chunk * (most // 0x8000 + 2))
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_in_chunks_is_read_whole(service: Inside) -> None:
    head = (
        b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    chunks = b"".join(b"%x\r\n%b\r\n" % (1, SMALL[at : at + 1]) for at in range(len(SMALL)))
    answer = await service.raw(head + chunks + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 202 ")


CHUNKED = (
    b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n"
)


@pytest.mark.parametrize("broken", [b'2\r\n{"\r\nzz\r\n', b"2\r\n{}{}", b"-1\r\n", b"1;a\nb\r\n"])
async def test_a_broken_chunk_is_400_once(service: Inside, broken: bytes) -> None:
    at_once = await service.raw(CHUNKED + b"\r\n" + broken)
    later = await service.raw(CHUNKED + b"Expect: 100-continue\r\n\r\n", b"100 Continue\r\n\r\n", broken)
    for answer in (at_once, later.partition(b"\r\n\r\n")[2]):
        assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
        assert b"application/problem+json" in answer
        assert answer.count(b"HTTP/1.") == 1


async def test_a_body_that_does_not_come_is_408(service: Inside) -> None:
    head = b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    begun = asyncio.get_running_loop().time()
    answer = await service.raw(head + b"Content-Length: 10\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert asyncio.get_running_loop().time() - begun < 4


@pytest.mark.parametrize(
    ("error", "status", "code", "after"),
    [
        (DiskFull(retry_after=10), 503, "disk_full", "10"),
        (Overloaded(retry_after=1), 503, "overloaded", "1"),
        (Stopping(retry_after=1), 503, "stopping", "1"),
        (JournalFailed(), 503, "journal_failed", "5"),
    ],
)
async def test_what_can_not_be_kept_says_when_to_come_again(
    service: Inside, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str, after: str
) -> None:
    async def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(Accept, "accept", refuse)
    answer = await service.post(SMALL)
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (status, code, after)


async def test_a_fault_of_ours_is_500_and_says_nothing_of_itself(
    service: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("http://a/?key=secret")

    monkeypatch.setattr(Accept, "accept", fail)
    answer = await service.post(SMALL)
    assert (answer.status, answer.json["code"]) == (500, "error")
    assert b"secret" not in answer.body


async def test_many_at_once_are_all_kept(service: Inside) -> None:
    answers = await asyncio.gather(*[service.post(SMALL) for _ in range(100)])
    ids = {answer.json["id"] for answer in answers}
    listed: set[str] = set()
    page = (await service.get("/tasks?limit=60")).json
    while True:
        listed |= {task["id"] for task in page["items"]}
        if page["next"] is None:
            break
        page = (await service.get(f"/tasks?limit=60&cursor={page['next']}")).json
    assert listed == ids
    assert len(ids) == 100


async def test_random_bytes_are_never_our_fault(service: Inside) -> None:
    rand = random.Random(29)
    for _ in range(300):
        data = bytearray(SMALL)
        for _ in range(rand.randint(1, 4)):
            at = rand.randrange(len(data))
            data[at : at + rand.randint(0, 3)] = rand.randbytes(rand.randint(0, 3))
        answer = await service.post(bytes(data))
        assert answer.status in (202, 400, 413, 415, 422), (data, answer.body)
