"""The page's session: sign in with a token once, hold a cookie, sign out; and who is it that calls."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from okydrom import __version__
from okydrom.errors import Conflict, Fault, Invalid
from okydrom.times import rfc3339
from okydrom.web.answers import json_answer
from okydrom.web.body import check_json, read_body
from okydrom.web.caller import Caller, Role
from okydrom.web.cookie import COOKIE, LIFETIME
from okydrom.web.keys import AUTHORITY, INSTANCE, NOW, SETTINGS, STARTED_AT, TROUBLES
from okydrom.web.paging import check_names

ALLOWED = {
    Role.SOURCE: ("create",),
    Role.VIEWER: ("read",),
    Role.OPERATOR: ("read", "create", "act"),
}
LARGEST = 4_096  # bytes of a sign-in


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a sign-in."""

    token: str


async def show(request: web.Request) -> web.Response:
    """Who the caller is, and whom he talks to; without a token that is asked for: nobody."""
    app = request.app
    authority = app[AUTHORITY]
    return json_answer(
        {"auth": "none" if authority.open else "token"}
        | _who(authority.known(request))
        | {
            "lang": app[SETTINGS].ui.lang,
            "instance": app[INSTANCE],
            "version": __version__,
            "started_at": rfc3339(app[STARTED_AT]),
            "now": rfc3339(app[NOW]()),
            "ready": not app[TROUBLES](),
        }
    )


async def sign_in(request: web.Request) -> web.Response:
    """204 with a cookie that no script can read and no other site's page can send."""
    app = request.app
    check_names(request.query.items(), ())
    if app[AUTHORITY].open:
        raise Conflict("This service has no access tokens: nobody has to sign in.")
    check_json(request)
    body = await read_body(request, LARGEST, app[SETTINGS].server.body_timeout)
    try:
        token = msgspec.json.decode(body, type=SignIn).token
    except (msgspec.DecodeError, ValueError):
        message = 'The body has to be {"token": "…"}.'
        raise Invalid([Fault("/token", "required", message)]) from None
    return _with_cookie(request, app[AUTHORITY].sign_in(request, token), LIFETIME // 1000)


async def sign_out(request: web.Request) -> web.Response:
    """204, and the cookie is gone, whether it still stood for somebody or not."""
    check_names(request.query.items(), ())
    request.app[AUTHORITY].known(request)  # a cookie alone does not say that it was our page that asks for it
    return _with_cookie(request, "", 0)


def _who(caller: Caller | None) -> dict[str, Any]:
    if caller is None:
        return {"name": None, "role": None, "allowed": []}
    return {"name": caller.name, "role": caller.role, "allowed": ALLOWED[caller.role]}


def _with_cookie(request: web.Request, value: str, seconds: int) -> web.Response:
    """`Secure` where the browser or a proxy says that it came by TLS: anybody's word is enough to be stricter."""
    response = json_answer(None, 204)
    response.body = None
    headers = request.headers
    secure = (
        request.secure
        or headers.get("X-Forwarded-Proto", "").lower() == "https"
        or headers.get("Origin", "").lower().startswith("https://")
    )
    response.set_cookie(
        COOKIE,
        value,
        max_age=seconds,
        path=f"{request.app[SETTINGS].server.url_prefix}/",
        httponly=True,
        samesite="Strict",
        secure=secure,
    )
    return response
