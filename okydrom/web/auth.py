"""Who calls: by access token or by the session's cookie; without tokens everybody is the local operator.

Only the SHA-256 of a token is kept. A digest is found by its hexadecimal text and then compared in constant time, on
bytes; what was admitted once is remembered by the header that it came with.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Mapping

import structlog
from aiohttp import web

from okydrom.config.settings import Auth, Token
from okydrom.errors import CrossSite, Forbidden, TooManyFailures, Unauthorized
from okydrom.times import steady
from okydrom.web.caller import LOCAL, Caller, Role
from okydrom.web.cookie import COOKIE, Cookies
from okydrom.web.throttle import Throttle

log = structlog.get_logger("okydrom.auth")

REMEMBERED = 1_024
LONGEST = 1_024  # characters of a token or cookie that are looked at
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Authority:
    """Admits callers. `now` in epoch ms; `cookies` are signed with the data directory's key."""

    def __init__(self, auth: Auth, now: Callable[[], int]) -> None:
        self.open = not auth.tokens  # nobody is asked
        self.cookies = Cookies(now)
        self._tokens: Mapping[str, Token] = {token.sha256: token for token in auth.tokens}
        self._names: Mapping[str, Token] = {token.name: token for token in auth.tokens}
        self._throttle = Throttle(steady)
        self._admitted: dict[str, Caller] = {}

    def admit(self, request: web.Request, roles: frozenset[Role]) -> Caller:
        """The caller, if one of his role may do this. Raises Unauthorized, TooManyFailures, Forbidden, CrossSite."""
        caller = self.known(request)
        if caller is None:
            raise Unauthorized
        if caller.role not in roles:
            raise Forbidden(
                f"The role {caller.role} may not do this.", role=caller.role, allowed=sorted(roles)
            )
        return caller

    def known(self, request: web.Request) -> Caller | None:
        """The caller; None: neither token nor session was given. Raises Unauthorized for wrong ones."""
        if self.open:
            return LOCAL
        given = request.headers.get("Authorization")
        if given is None:
            return self._of_session(request)
        return self._admitted.get(given) or self._of_header(request, given)

    def sign_in(self, request: web.Request, token: str) -> str:
        """The session's cookie for a token. Slowed down per address after failures, right tokens too.

        Raises Unauthorized, TooManyFailures.
        """
        self._throttle.check(network_of(request.remote))
        found = self._find(token)
        if found is None:
            raise self._refused(request)
        return self.cookies.issue(found)

    def _of_header(self, request: web.Request, given: str) -> Caller:
        scheme, _, token = given.partition(" ")
        found = self._find(token.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            raise self._refused(request)
        caller = Caller(found.name, Role(found.role))
        if len(self._admitted) >= REMEMBERED:
            self._admitted.clear()
        self._admitted[given] = caller
        return caller

    def _of_session(self, request: web.Request) -> Caller | None:
        """A cookie alone acts only where the browser says that it comes from our own page."""
        cookie = request.cookies.get(COOKIE)
        if cookie is None or len(cookie) > LONGEST:
            return None
        token = self.cookies.token_of(cookie, self._names)
        if token is None:
            return None
        if request.method not in SAFE_METHODS and not request.headers.keys() & _ORIGINS:
            raise CrossSite("A session's cookie alone does not say which page makes this call.")
        return Caller(token.name, Role(token.role))

    def _find(self, token: str) -> Token | None:
        if len(token) > LONGEST:
            return None
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        found = self._tokens.get(digest)
        if found is None or not hmac.compare_digest(digest.encode(), found.sha256.encode()):
            return None
        return found

    def _refused(self, request: web.Request) -> Unauthorized | TooManyFailures:
        """A wrong token: counted, logged as often as it is counted, never shown."""
        address = network_of(request.remote)
        wait = self._throttle.fail(address)
        if wait:
            return TooManyFailures(retry_after=wait)
        log.warning("token_refused", address=address, http_method=request.method, path=request.path[:255])
        return Unauthorized("The access token is not known.")


_ORIGINS = frozenset({"Origin", "Sec-Fetch-Site"})


def network_of(remote: str | None) -> str:
    """Whose failures are counted together: an address, of IPv6 the network that one host is usually given."""
    if remote is None or ":" not in remote:
        return remote or ""
    address = ipaddress.IPv6Address(remote.partition("%")[0])
    return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
