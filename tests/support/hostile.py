"""Hostile recipients by name, as scripts of tests.support.raw; run as a program it serves them all and tells where:

python -m tests.support.hostile      one line of JSON, {name: URL}; ends when its input ends
"""

import asyncio
import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from tests.support.raw import Step, hear, raw, repeat, say, stay

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GAP = 0.02  # seconds between two drops

_bomb = zlib.compress(b"\0" * 50_000_000, wbits=31)

SCRIPTS: Mapping[str, Sequence[Step]] = {
    "never answers": [hear(), stay()],
    "drips its head": [hear(), say(HEAD + b"X: "), repeat(b"x", GAP)],
    "drips headers": [hear(), say(HEAD), repeat(b"X: y\r\n", GAP)],
    "drips interim answers": [hear(), repeat(b"HTTP/1.1 100 Continue\r\n\r\n", GAP)],
    "drips its body": [hear(), say(HEAD + b"Content-Length: 1000000\r\n\r\n"), repeat(b"x", GAP)],
    "drips chunks": [hear(), say(CHUNKED), repeat(b"1\r\nx\r\n", GAP)],
    "storms with interim answers": [hear(), repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)],
    "begins with empty lines without end": [hear(), repeat(b"\r\n" * 1000)],
    "has a hundred thousand headers": [hear(), say(HEAD + b"X: y\r\n" * 100_000 + b"\r\n"), stay()],
    "has a header of 70 kB": [hear(), say(HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n"), stay()],
    "has a header without end": [hear(), say(HEAD + b"X: "), repeat(b"y" * 10_000)],
    "has a name without end": [hear(), say(HEAD), repeat(b"y" * 10_000)],
    "has a reason without end": [hear(), say(b"HTTP/1.1 200 "), repeat(b"y" * 10_000)],
    "has a body without end": [hear(), say(HEAD + b"\r\n"), repeat(b"x" * 10_000)],
    "has chunks without end": [hear(), say(CHUNKED), repeat(b"400\r\n" + b"x" * 1024 + b"\r\n")],
    "has an extension without end": [hear(), say(CHUNKED + b"1;"), repeat(b"x" * 10_000)],
    "has trailers without end": [hear(), say(CHUNKED + b"0\r\n"), repeat(b"X: y\r\n" * 1000)],
    "sends a gzip bomb": [
        hear(),
        say(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_bomb) + _bomb),
        stay(),
    ],
}


async def serve() -> None:
    """Serve until standard input ends."""
    async with AsyncExitStack() as stack:
        places = {name: (await stack.enter_async_context(raw(SCRIPTS[name]))).url for name in SCRIPTS}
        print(json.dumps(places), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
