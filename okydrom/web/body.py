"""A request's body: within its limit, within its deadline, as JSON in plain bytes."""

from __future__ import annotations

import asyncio

from aiohttp import http_exceptions, web

from okydrom.errors import BadRequest, TooLarge, TooSlow, WrongMediaType

JSON = "application/json"


def check_json(request: web.Request, *also: str) -> None:
    """Raises WrongMediaType unless the body is said to be JSON (or one of the media types `also`) and not
    compressed."""
    headers = request.headers
    given = headers.get("Content-Type")
    if given != JSON and not _is_json(given or "", also):
        wanted = " or ".join((JSON, *also))
        raise WrongMediaType(f"The body has to be {wanted}.", given=(given or "")[:255])
    coding = headers.get("Content-Encoding")
    if coding is not None and coding.strip().lower() != "identity":
        raise WrongMediaType("The body must not be compressed.", given=coding[:255])


def is_json(request: web.Request) -> bool:
    """Is it JSON itself, and not another of the media types that were let in?"""
    given = request.headers.get("Content-Type")
    return given == JSON or _is_json(given or "", ())


async def read_body(request: web.Request, limit: int, timeout: int) -> bytes:
    """All of the body; `timeout` in ms. Raises TooLarge (before it is there, where its length is told), TooSlow,
    BadRequest."""
    content = request.content
    try:
        if content.is_eof():  # it arrived together with its head
            body = content.read_nowait()
        else:
            async with asyncio.timeout(timeout / 1000):
                body = await _gather(request, limit)
    except TimeoutError:
        raise TooSlow(timeout_s=timeout / 1000) from None
    except (http_exceptions.HttpProcessingError, web.RequestPayloadError) as error:
        raise BadRequest("The body can't be read: its transfer coding is broken.") from error
    if len(body) > limit:
        raise TooLarge(limit=limit, size=len(body))
    return body


async def _gather(request: web.Request, limit: int) -> bytes:
    length = request.content_length
    if length is not None and length > limit:
        raise TooLarge(limit=limit, size=length)
    body = bytearray()
    while piece := await request.content.readany():
        body += piece
        if len(body) > limit:
            raise TooLarge(limit=limit)
    return bytes(body)


def _is_json(given: str, also: tuple[str, ...]) -> bool:
    """Is the media type JSON, in UTF-8 if it says so?"""
    kind, _, rest = given.partition(";")
    if kind.strip().lower() not in (JSON, *also):
        return False
    charset = rest.strip().lower().replace('"', "").replace(" ", "")
    return charset in ("", "charset=utf-8", "charset=utf8")
