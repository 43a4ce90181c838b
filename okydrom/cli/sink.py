"""Receive notifications and print them: a recipient to try Okydrom with, which may be slow or fail on purpose."""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import sys
import time
from collections.abc import Callable

from aiohttp import web

from okydrom.errors import AddressTaken
from okydrom.server.exits import OK, exit_code
from okydrom.units import parse_duration

SHOWN_BODY = 200  # bytes of a body that are printed
SHOWN_VALUE = 100  # characters of a header or a path
PATIENCE = 1.0  # seconds that requests under way have when it ends

_share = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)%", re.ASCII).fullmatch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and how to behave."""
    parser.add_argument(
        "--port", type=int, default=9000, help="where to listen; 0: any free port (default: 9000)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--fail", type=share, metavar="30%", help="share of requests that fail (default: none)"
    )
    parser.add_argument(
        "--status",
        type=status,
        metavar="503",
        help="what failures are answered with (default: 503); without --fail all requests fail",
    )
    parser.add_argument("--delay", type=delay, default=0, metavar="200ms", help="wait before each answer")


def run(args: argparse.Namespace) -> int:
    """Receive until SIGINT or SIGTERM; the exit code."""
    sink = Sink(
        fail=args.fail if args.fail is not None else float(args.status is not None),
        status=args.status or 503,
        delay=args.delay,
        rand=random.Random(),
        say=lambda line: print(line, flush=True),
    )
    try:
        asyncio.run(sink.serve(args.host, args.port))
    except AddressTaken as taken:
        print(f"okydrom: {taken.detail} Give another --port or --host.", file=sys.stderr)
        return exit_code(taken)
    return OK


class Sink:
    """Answers every request with 200, or with `status` for a share of `fail` (0…1), after `delay` milliseconds."""

    def __init__(
        self, *, fail: float, status: int, delay: int, rand: random.Random, say: Callable[[str], None]
    ) -> None:
        self._fail = fail
        self._status = status
        self._delay = delay / 1000
        self._rand = rand
        self._say = say
        self._stop = asyncio.Event()

    async def serve(self, host: str, port: int) -> None:
        """Receive until a signal. Raises AddressTaken."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        runner = web.ServerRunner(web.Server(self._receive, access_log=None), shutdown_timeout=PATIENCE)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except (OSError, OverflowError) as failure:
                reason = failure.strerror if isinstance(failure, OSError) else "there is no such port"
                raise AddressTaken(f"Can't listen on {_join(host, port)}: {reason}.") from None
            self._tell(f"Receiving on http://{_join(*runner.addresses[0][:2])}; Ctrl+C ends it.")
            await self._stop.wait()
        finally:
            await runner.cleanup()

    async def _receive(self, request: web.BaseRequest) -> web.Response:
        began, size = bytearray(), 0
        async for piece in request.content.iter_any():
            size += len(piece)
            began += piece[: SHOWN_BODY - len(began)]
        code = self._status if self._rand.random() < self._fail else 200
        if self._delay:
            await asyncio.sleep(self._delay)
        self._tell(f"{time.strftime('%H:%M:%S')} {code} {described(request, bytes(began), size)}")
        return web.Response(status=code)

    def _tell(self, line: str) -> None:
        try:
            self._say(line)
        except BrokenPipeError:  # nobody reads any more
            self._stop.set()


def described(request: web.BaseRequest, began: bytes, size: int) -> str:
    """A request on one line. What comes from outside can't steer a terminal: only what is printable is printed."""
    words = [request.method, printable(request.raw_path[:SHOWN_VALUE])]
    for name, value in request.headers.items():
        lowered = name.lower()
        if lowered in ("webhook-id", "okydrom-attempt") or lowered.endswith("event"):
            words.append(f"{lowered}={printable(value[:SHOWN_VALUE])}")
    words.append(f"{size} B")
    if began:
        words.append(printable(began.decode("utf-8", "replace")) + ("…" if size > len(began) else ""))
    return " ".join(words)


def printable(text: str) -> str:
    """Text for a terminal, other characters escaped.

    >>> print(printable("привет\\x1b[2J\\n"))
    привет\\x1b[2J\\n
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def share(text: str) -> float:
    """`30%` or `0.3` as a number from 0 to 1.

    >>> share("30%"), share("1")
    (0.3, 1.0)
    """
    match = _share(text)
    value = float(match[1]) / 100 if match else float(text)
    if not 0 <= value <= 1:
        raise ValueError("a share is at most 100%")
    return value


def status(text: str) -> int:
    """A status code that an HTTP server may answer with at the end."""
    code = int(text)
    if not 200 <= code <= 599:
        raise ValueError("a status is from 200 to 599")
    return code


def delay(text: str) -> int:
    """A duration such as `200ms`, in milliseconds; a bare number is in seconds."""
    return parse_duration(float(text) if text.replace(".", "", 1).isdigit() else text)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
