"""What surrounds every call: who may call, and failures as problem documents."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from okydrom.errors import OkydromError
from okydrom.web.access import Access
from okydrom.web.problems import problem, problem_of_http

log = structlog.get_logger("okydrom.web")

REQUEST_ID = "X-Request-Id"
LONGEST_PATH = 255  # in the log
ID = web.RequestKey("id", str)  # for answers whose head goes out before they are here


def surround(access: Access, boot: str, lost: Callable[[web.Request], web.Response | None]) -> Middleware:
    """The only middleware, as each costs every call.

    `boot` begins all request ids of this process; `lost` may answer for a path that is nothing, to a browser.
    """
    numbers = itertools.count(1)

    @web.middleware
    async def surrounded(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = request[ID] = f"{boot}-{next(numbers):x}"
        try:
            access.check(request)
            response = await handler(request)
        except OkydromError as error:
            if type(error) is OkydromError:
                _log(request, request_id, error)
            response = problem(error, request_id)
        except web.HTTPException as error:
            page = lost(request) if error.status == 404 else None
            response = page or problem_of_http(error, request_id)
        except ConnectionError:  # the client went away: there is nobody to answer
            raise
        except Exception as error:
            _log(request, request_id, error)
            response = problem(OkydromError(), request_id)
        response.headers[REQUEST_ID] = request_id
        return response

    return surrounded


def _log(request: web.Request, request_id: str, error: Exception) -> None:
    log.error(
        "request_failed",
        request_id=request_id,
        http_method=request.method,
        path=request.path[:LONGEST_PATH],
        exc_info=error,
    )
