"""Poison: whatever is posted is refused with a cause, or delivered as it is; the service lives on, and starts again."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.config.settings import Limits
from okydrom.intake.accept import Accept
from tests.support.inside import Answered, Inside, inside
from tests.support.recipient import receiving
from tests.support.wait import wait_until

FIELDS = (
    b"method body body_base64 content_type headers event labels max_attempts retry timeout delay deliver_at ttl "
    b"expires_at order_key callback"
).split()
WRONG = (400, 413, 415, 422)
NDJSON = "application/x-ndjson"


def nested(depth: int) -> Iterator[bytes]:
    """Arrays and objects in each other."""
    yield b"[" * depth + b"]" * depth
    yield b'{"a":' * depth + b"1" + b"}" * depth
    yield b'[{"a":' * (depth // 2) + b"1" + b"}]" * (depth // 2)


def values() -> Iterator[bytes]:
    """Values that break what does not expect them."""
    for depth in (1, 63, 64, 65, 255, 256, 511, 1_023, 1_024):
        yield from nested(depth)
    yield from (
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\\u0000"',
        b'"\x00"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'""',
        b"{}",
    )
    yield from (
        b"1e999",
        b"-1e999",
        b"1e-999",
        b"9" * 400,
        b"-" + b"9" * 20,
        b"18446744073709551616",
        b"-0",
        b"1.0",
    )
    yield from (
        b'{"":""}',
        b'{"\\u0000":1}',
        b'{"\\ud800":1}',
        b'{"a":1,"a":2}',
        b"[null]",
        b"NaN",
        b"tru",
        b"",
    )
    yield from (
        b'"' + b"x" * 1_000_000 + b'"',
        b'{"X-A":"' + b"a" * 1_000_000 + b'"}',
        b"[" + b"1," * 99_999 + b"1]",
    )


def urls(port: int) -> Iterator[bytes]:
    """Places that are none, or look like another."""
    for place in (
        b"a:0",
        b"a:65536",
        b"a:-1",
        b"",
        b"\\u2488com",
        b"xn--\\u00fc",
        b"\\u00ad",
        b"a..b",
        b"x" * 300,
        b"[::",
        b"0x7f.1",
    ):
        yield b'"http://%b/"' % place
    for path in (b"\\u0000", b"\\r\\nX: 1", b"\\ud800", b" ", b"#f", b"x" * 9_000):
        yield b'"http://127.0.0.1:%d/%b"' % (port, path)
    yield from (b'"http://u:p@127.0.0.1/"', b'"file:///etc/passwd"', b'"//a/"', b'"HTTP://"')


def poison(url: bytes, port: int) -> Iterator[bytes]:
    """Whole requests: each value in each field, and each place as URL and in a callback."""
    for value in values():
        yield b'{"url":"%b","payload":%b}' % (url, value)
        yield value
        if len(value) < 10_000:
            for field in FIELDS:
                yield b'{"url":"%b","%b":%b}' % (url, field, value)
    for place in urls(port):
        yield b'{"url":%b}' % place
        yield b'{"url":"%b","callback":{"url":%b}}' % (url, place)


def faults_of(answers: Sequence[tuple[bytes, Answered]]) -> list[str]:
    """Answers that no client may ever see."""
    return [
        f"{answer.status} for {data[:80]!r}"
        for data, answer in answers
        if answer.status not in (200, 202, *WRONG) or (answer.status in WRONG and not answer.json["detail"])
    ]


async def post_each(service: Inside, requests: Sequence[bytes]) -> list[tuple[bytes, Answered]]:
    """Alone, as the only line of many, and as a dry run."""
    answers = []
    for data in requests:
        dry = await service.call("POST", "/api/v1/tasks?dry_run=1", data, Content_Type="application/json")
        answers += [(data, await service.post(data)), (data, dry)]
        if len(data) < 10_000:
            answers += [(data, await service.post(b"[%b]" % data))]
            answers += [
                (data, await service.post(data, Content_Type=NDJSON, Idempotency_Key=f"k{len(answers)}"))
            ]
    return answers


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_poison_is_refused_with_a_cause_or_delivered(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    async with receiving() as recipient:
        url = f"{recipient.url}/ok".encode()
        requests = list(poison(url, int(recipient.url.rpartition(":")[2])))
        async with inside(tmp_path) as service:
            answers = await post_each(service, requests)
            assert faults_of(answers) == []
            kept = [made for _, answer in answers if answer.status == 202 for made in ids_of(answer.json)]
            await wait_until(lambda: settled(service), 60)
            ended = [await service.task(made) for made in kept]
        async with inside(tmp_path) as service:  # nothing of it keeps the service from starting again
            assert (await service.call("GET", "/readyz")).status == 200
            assert (await service.get("/tasks/count")).json["total"] >= len(kept)
    assert len(kept) > 100
    assert {task["status"] for task in ended if task["finished_at"] is not None} == {"delivered"}
    figure(f"{len(answers)} requests, {len(kept)} of their tasks accepted and delivered, no 500")


async def settled(service: Inside) -> bool:
    """Does nothing wait but what is due later?"""
    waiting = (await service.get("/tasks?group=in_progress&due_before=-0s&limit=1")).json["items"]
    return not waiting


def ids_of(made: Any) -> list[str]:
    """The tasks that an answer names."""
    return [item["id"] for item in made.get("items", [made]) if "id" in item]


async def test_a_service_that_chokes_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def choke(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(Accept, "accept", choke)
    async with inside(tmp_path) as service:
        answers = await post_each(service, [orjson.dumps({"url": "http://127.0.0.1:1/"})])
    assert len(faults_of(answers)) == 1


@pytest.mark.parametrize("depth", [1, Limits().depth])
async def test_what_is_nested_as_deep_as_allowed_arrives(tmp_path: Path, depth: int) -> None:
    async with receiving() as recipient, inside(tmp_path) as service:
        sent = [b'{"url":"%b/ok","payload":%b}' % (recipient.url.encode(), value) for value in nested(depth)]
        for data in sent:
            assert (await service.post(data)).status == 202
        await wait_until(lambda: len(recipient.arrivals) == len(sent))
        assert {arrival.body for arrival in recipient.arrivals} == set(nested(depth))
