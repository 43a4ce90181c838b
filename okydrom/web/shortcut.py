"""The create call's way past aiohttp's router, which costs a tenth of the whole call to find what never changes.

Whoever expects what nobody knows gets no further than here: aiohttp would quote it, and fail where it is no text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import HttpVersion11, web
from aiohttp.typedefs import Handler

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def shortcut(app: web.Application, path: str, handler: Handler, otherwise: Answering) -> Answering:
    """What answers requests: `handler`, as the route of POST `path` would call it, or `otherwise`, for all else.

    `handler` is surrounded by the application's middleware already. The route stands in the table all the same.
    """
    (route,) = [
        route
        for route in app.router.routes()
        if route.method == "POST" and route.resource is not None and route.resource.canonical == path
    ]
    found = web.UrlMappingMatchInfo({}, route)
    found.add_app(app)
    found.freeze()

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Expect" in request.headers:
            _check_expectation(request)
        elif request.raw_path == path and request.method == "POST":
            request._match_info = found  # as Application._handle does; `request.app` is read from it
            return await handler(request)
        return await otherwise(request)

    return answer


def _check_expectation(request: web.Request) -> None:
    """`100-continue` is met by the router, which says so to the client."""
    expected = request.headers["Expect"]
    if request.version == HttpVersion11 and expected and expected.lower() != "100-continue":
        raise web.HTTPExpectationFailed
