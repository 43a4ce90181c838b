"""How much of what was written to a client has not reached it."""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios


def unsent(transport: asyncio.Transport) -> int:
    """Bytes in the transport's buffer and in the kernel's: less than before means that the client took something."""
    waiting = transport.get_write_buffer_size()
    sock = transport.get_extra_info("socket")
    if sock is None:
        return waiting
    (queued,) = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, struct.pack("i", 0)))
    return int(waiting + queued)
