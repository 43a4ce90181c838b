"""What a source hands in can't make more of its request than one, nor another one."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import pytest

from tests.support.inside import inside
from tests.support.raw import Peer, Raw, hear, raw, say
from tests.support.wait import wait_until

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

NAMES: tuple[str, ...] = ("", " ", "X Y", "X:", "X\r\nY", "X\n", "X\0", "X\t", "Ключ", "X\x7f", "(x)", 'X"')
NAMES += ("Host", "host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer")
NAMES += ("Upgrade", "Expect", "Proxy-Authorization", "Proxy-Connection", "webhook-id", "Webhook-Signature")
NAMES += ("Okydrom-Attempt",)
VALUES = ("a\r\nX: y", "a\n", "\r", "a\0b", " a", "a ", "\t", "ü", "\x7f", "\u2028", f"x\r\n\r\n{SMUGGLED}")
VERBS = ("CONNECT", "TRACE", "HEAD", "OPTIONS", "post", "", "GET /x HTTP/1.1\r\nX:", "POST ", "PO\0ST")
PATHS = ("/ x", "/\r\nX: y", "/\n", "/\t", "/\0", f"/ HTTP/1.1\r\n\r\n{SMUGGLED}", "/\x85", "/\u2028", "/#x")
TYPES = ("a\r\nX: y", "a\n", "a\0", "ü", f"a\r\n\r\n{SMUGGLED}")

LEGAL = (
    {"headers": {"X-A": "~!@#$%^&*(){}[]:;,<>?/\\|'\" x", "!#$%&'*+-.^_`|~": ""}},
    {"body": SMUGGLED},
    {"payload": SMUGGLED, "content_type": "text/plain; a=b"},
    {"method": "GET", "body": SMUGGLED},
    {"method": "DELETE"},
)


@pytest.mark.proof
async def test_a_task_becomes_one_request_or_none(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """The control: the eye that counts requests on the wire sees two where there are two."""
    async with raw([hear(), say(OK), rest]) as recipient, inside(tmp_path) as service:
        url = f"{recipient.url}/hook"
        tasks = [{"url": url, "headers": {name: "x"}} for name in NAMES]
        tasks += [{"url": url, "headers": {"X": value}} for value in VALUES]
        tasks += [{"url": url, "method": verb} for verb in VERBS]
        tasks += [{"url": recipient.url + path} for path in PATHS]
        tasks += [{"url": url, "body": "x", "content_type": kind} for kind in TYPES]
        for task in tasks:
            answer = await service.post(orjson.dumps(task))
            assert answer.status == 422, (task, answer.body)
            assert b"smuggled" not in answer.body
        for extra in LEGAL:
            await reaches_the_end(recipient, service.create(url=url, **extra))
        assert [requests(each) for each in recipient.heard] == [1] * len(LEGAL)
    assert requests(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + SMUGGLED.encode()) == 2
    figure(f"{len(tasks)} forms refused, {len(LEGAL)} legal ones are one request each")


async def reaches_the_end(recipient: Raw, create: Awaitable[str]) -> None:
    """Wait until the connection of a new task has come and gone."""
    known = recipient.connections
    await create
    await wait_until(lambda: recipient.connections > known and recipient.open == 0)


async def rest(peer: Peer) -> None:
    """Whatever else comes on this connection."""
    peer.heard[-1] += await peer.reader.read()


def requests(heard: bytes) -> int:
    """How many requests these bytes hold, as a recipient reads them."""
    found = 0
    while heard:
        head, _, rest = heard.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        lengths = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
        assert len(lengths) <= 1
        assert not any(line.startswith(b"transfer-encoding:") for line in lines)
        assert sum(line.startswith(b"host:") for line in lines) == 1
        heard = rest[sum(lengths) :]
        found += 1
    return found
