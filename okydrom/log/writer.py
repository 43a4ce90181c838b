"""Writes lines to a descriptor from a thread of its own, so that nobody else ever waits for who reads them.

A reader that stalls, a full disk or a closed pipe cost lines, never time: what does not fit into the queue or can't be
written is counted, and the count is written as soon as writing works again.
"""

from __future__ import annotations

import itertools
import os
import select
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

QUEUED_LINES = 4096
BATCH = 64 * 1024


class Writer:
    """One descriptor. `put` may be called from any thread, and from within itself (a destructor that logs)."""

    def __init__(self, descriptor: int, notice: Callable[[int], bytes], limit: int = QUEUED_LINES) -> None:
        """`notice` makes the line that says how many lines were lost."""
        self.lost = 0
        self._descriptor = descriptor
        self._notice = notice
        self._limit = limit
        self._reported = 0
        self._torn = False
        # Unlike other queues, putting into this one takes no lock that a destructor could meet again.
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="okydrom-log", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        """Have a line written, its end included. Never waits."""
        if self._lines.qsize() >= self._limit:
            self.lost += 1
        else:
            self._lines.put(line)

    def close(self, timeout: float = 1.0) -> bool:
        """Write what is queued, waiting for at most `timeout` seconds; True: all is written. Legal more than once."""
        self._lines.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        going = True
        while going:
            batch = [self._lines.get()]
            size = 0
            try:
                while batch[-1] is not None and size < BATCH:
                    size += len(batch[-1])
                    batch.append(self._lines.get_nowait())
            except Empty:
                pass
            going = batch[-1] is not None
            self._write([line for line in batch if line is not None])

    def _write(self, lines: list[bytes]) -> None:
        written = self._write_all(b"".join(lines))
        unwritten = sum(1 for end in itertools.accumulate(map(len, lines)) if end > written)
        self.lost += unwritten
        if not unwritten and (fresh := self.lost - self._reported):
            notice = self._notice(fresh)
            if self._write_all(notice) == len(notice):
                self._reported += fresh

    def _write_all(self, data: bytes) -> int:
        """How many of the bytes could be written. A line that was cut off is ended before the next one."""
        before = b"\n" if self._torn else b""
        view = memoryview(before + data)
        done = 0
        try:
            while done < len(view):
                done += self._write_some(view[done:])
        except OSError:
            pass
        if done:
            self._torn = view[done - 1] != ord("\n")
        return max(done - len(before), 0)

    def _write_some(self, data: memoryview) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:  # somebody we share the descriptor with made it so
            poll = select.poll()
            poll.register(self._descriptor, select.POLLOUT)
            poll.poll()
            return 0
