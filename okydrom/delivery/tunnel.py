"""A tunnel through an HTTP proxy (RFC 9110, section 9.3.6), for TLS that the proxy can't look into.

    CONNECT host:port ──▶ 2xx, and from then on the connection leads to the recipient

Any other answer is a `connect` failure, whose rule says what the proxy answered: `proxy 407`.
"""

from __future__ import annotations

import asyncio
import re
import socket

from okydrom.config.reach import Proxy
from okydrom.delivery.failures import DialFailed, errno_of
from okydrom.delivery.target import Target
from okydrom.task import Failure

HEAD_LIMIT = 16 * 1024  # bytes of the proxy's answer

_status = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})[ \r]").match


async def open_tunnel(sock: socket.socket, target: Target, proxy: Proxy) -> None:
    """Let a connection to the proxy lead to the target; it is closed if that fails. Raises DialFailed."""
    try:
        answer = await _ask(sock, connect_head(target, proxy))
    except OSError as failure:
        sock.close()
        raise DialFailed(Failure.CONNECT, number=errno_of(failure)) from None
    except BaseException:
        sock.close()
        raise
    match = _status(answer)
    if match is None or not 200 <= int(match[1]) < 300 or not answer.endswith(b"\r\n\r\n"):
        sock.close()
        told = match[1].decode("ascii") if match else "no answer"
        raise DialFailed(Failure.CONNECT, rule=f"proxy {told}")


def connect_head(target: Target, proxy: Proxy) -> bytes:
    """What is asked of the proxy.

    >>> from okydrom.delivery.target import parse_url
    >>> connect_head(parse_url("https://[::1]/x"), Proxy("proxy", 3128))
    b'CONNECT [::1]:443 HTTP/1.1\\r\\nHost: [::1]:443\\r\\n\\r\\n'
    """
    place = target.destination.partition("://")[2]
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"


async def _ask(sock: socket.socket, head: bytes) -> bytes:
    """The head of the answer; what there is of it if the proxy ends it early or never."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, head)
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < HEAD_LIMIT:
        data = await loop.sock_recv(sock, 4096)
        if not data:
            break
        answer += data
    return answer
