"""The process: it makes the application, listens, waits for its end, and stops in order.

start ▸ application ▸ listening ▸ announced ─── stop (a signal, or a failure inside) ───▸ closed ▸ exit code
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial

import msgspec
import structlog
import uvloop
from aiohttp import web

from okydrom import __version__
from okydrom.config.parameters import Origin
from okydrom.config.settings import Server, Settings
from okydrom.errors import AddressTaken
from okydrom.log import setup
from okydrom.log.privacy import described
from okydrom.log.writer import Writer
from okydrom.server.announcement import announce, withdraw
from okydrom.server.descriptors import clients, fitted, raise_limit
from okydrom.server.exits import FAULT, OK, RUNNING, exit_code, last_words, main_error
from okydrom.web.keys import STARTED_AT
from okydrom.web.runner import Runner

BACKLOG = 1024  # clients that may wait to be accepted
MARGIN = 1.0  # s that the end of the process may take beyond shutdown_grace
YOUNG = 10_000  # objects that may be new before the collector looks at them
FLUSH = 1.0  # s that the log may take to write its last lines
MakeApp = Callable[[Settings, Mapping[str, Origin], asyncio.Event], web.Application]
Listening = Callable[
    [web.Application, str, int], None
]  # told each numeric address and port that is listened on

log = structlog.get_logger("okydrom.server")


def run(settings: Settings, origins: Mapping[str, Origin], make_app: MakeApp, listening: Listening) -> int:
    """Serve until a signal or a failure; the exit code, with which the process has to end soon after.

    What was wrong stands in the log and on stderr.
    """
    os.umask(0o077)
    descriptors = raise_limit()
    writer = setup.start(settings.log)
    settings = fitted(settings, descriptors)
    senders = settings.delivery.senders
    most = clients(senders, descriptors)
    process = Process(settings, origins, make_app, listening, writer, most)
    log.info("starting", descriptors=descriptors, senders=senders, clients=most, pid=os.getpid())
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(process.serve())
    except BaseException as error:  # whatever it was, it is told and has a code
        return _end(main_error(error), writer)
    log.info("stopped")
    writer.close(FLUSH)
    return OK


class Process:
    """One life from start to end."""

    def __init__(
        self,
        settings: Settings,
        origins: Mapping[str, Origin],
        make_app: MakeApp,
        listening: Listening,
        writer: Writer,
        clients: int,
    ) -> None:
        self.settings = settings
        self._clients = clients
        self._origins = origins
        self._make_app = make_app
        self._listening = listening
        self._writer = writer
        self._serving = False
        self._signals = 0

    async def serve(self) -> None:
        """Returns when all is stopped in order; raises what ended it otherwise."""
        stop = asyncio.Event()
        self._watch_signals(stop)
        app = self._make_app(self.settings, self._origins, stop)
        # aiohttp may spend this time twice: on waiting for requests, and on waiting for their cancellation.
        half = self.settings.server.shutdown_grace // 2
        server = msgspec.structs.replace(self.settings.server, shutdown_grace=half)
        runner = Runner(app, server, self._clients)
        try:
            await self._start(runner)
            await stop.wait()
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and self._signals == 1:
                pass  # a signal while it was still starting: an orderly stop
            else:
                await self._stop_after(error, runner)
                raise
        await self._stop(runner)

    async def _start(self, runner: Runner) -> None:
        await runner.setup()
        url = await listen(runner, self.settings.server)
        for host, port, *_ in runner.addresses:
            self._listening(runner.app, host, port)
        self._serving = True
        path = self.settings.storage.path
        try:
            announce(path, url, runner.app[STARTED_AT])
        except OSError as error:  # a full disk: whoever needs the address finds it in the log
            log.warning("not_announced", errno=error.errno)
        spare_the_collector()
        log.info(
            "started", url=url, path=path.absolute(), version=__version__, python=platform.python_version()
        )

    async def _stop(self, runner: Runner) -> None:
        log.info("stopping")
        self._end_in_time(self.settings.server.shutdown_grace / 1000 + MARGIN)
        try:
            await runner.cleanup()
        finally:
            if self._serving:
                self._withdraw()

    async def _stop_after(self, error: BaseException, runner: Runner) -> None:
        """Stop because of an error, which stays the one that is told."""
        try:
            await self._stop(runner)
        except Exception as second:
            if main_error(second) is not error:
                log.error("stop_failed", exc_info=second)

    def _withdraw(self) -> None:
        try:
            withdraw(self.settings.storage.path)
        except OSError as error:
            log.warning("not_withdrawn", errno=error.errno)

    def _watch_signals(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_unhandled)
        task = asyncio.current_task()

        def stop_or_cancel(number: signal.Signals) -> None:
            self._signals += 1
            log.info("signal", name=number.name)
            if self._signals == 1 and self._serving:
                stop.set()
            elif task is not None:
                task.cancel()
            if self._signals > 1:
                self._end_in_time(MARGIN)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, partial(stop_or_cancel, number))

    def _end_in_time(self, seconds: float) -> None:
        """End the process after this time whatever still runs. What was accepted is on disk; a start recovers."""
        timer = threading.Timer(seconds, _give_up, (self._writer,))
        timer.daemon = True
        timer.start()


def spare_the_collector() -> None:
    """What stands at the start stays: the garbage collector need not walk it again and again. Requests leave few
    cycles behind, so it need not look that often either (it took a fifteenth of the loop's time)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


async def listen(runner: Runner, server: Server) -> str:
    """Begin to accept connections; the base URL. Raises AddressTaken."""
    site = web.TCPSite(runner, server.host, server.port, backlog=BACKLOG)
    host = _in_url(server.host)
    try:
        await site.start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "the system refuses"
        raise AddressTaken(f"Can't listen on {host}:{server.port}: {reason}.", errno=error.errno) from error
    return f"http://{_in_url(_reached(server.host))}:{site.port}{server.url_prefix}"


def _reached(host: str) -> str:
    """An address that a client on this host can use: of all addresses loopback's."""
    if host == "localhost" or not ipaddress.ip_address(host).is_unspecified:
        return host
    return "::1" if ":" in host else "127.0.0.1"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _unhandled(_loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
    """What nobody caught in the loop; asyncio's own handler would print all that an exception says of itself."""
    error = context.get("exception")
    known = described(error) if isinstance(error, BaseException) else {}
    log.error("unhandled", message=str(context.get("message")).partition("\n")[0], **known)


def _give_up(writer: Writer) -> None:
    log.error("stop_overdue")
    writer.close(0.2)
    os._exit(FAULT)


def _end(error: BaseException, writer: Writer) -> int:
    code = exit_code(error)
    expected = code not in (FAULT, RUNNING) or isinstance(error, asyncio.CancelledError)
    log.critical("ended", exit=code, exc_info=None if expected else error)
    writer.close(FLUSH)
    _say(last_words(error))
    return code


def _say(words: str) -> None:
    """One line to stderr, without waiting for who does not read it."""
    last = Writer(sys.stderr.fileno(), lambda _: b"")
    last.put(words.encode("utf-8", "backslashreplace") + b"\n")
    last.close(FLUSH)
