"""Where tasks and callbacks go: a method and a URL that fit together."""

from __future__ import annotations

import msgspec

from okydrom.config.settings import Retry
from okydrom.delivery.egress import parse_url
from okydrom.delivery.methods import Method, Methods
from okydrom.delivery.retry import attempts_of
from okydrom.errors import Fault, Invalid
from okydrom.task import Policy
from okydrom.web.draft import suggestion

MOST_ATTEMPTS = 100
USUAL_ATTEMPTS = 10  # where neither task, method nor schedule says how many
REMEMBERED = 1024  # aims…
REMEMBERED_LENGTH = 255  # …of URLs up to this length


class Aim(msgspec.Struct, frozen=True, gc=False):
    """Where a task goes and how, and how many attempts it has if it does not say so itself."""

    method: str
    http_method: str
    url: str
    destination: str
    attempts: int


class Aims:
    """Judges them; `limit` bounds a URL. Most tasks go where others went before: so what was judged is remembered."""

    def __init__(self, methods: Methods, retry: Retry, limit: int) -> None:
        self.known: dict[tuple[str | None, str | None], Aim] = {}  # by method and URL as they are posted
        self._methods = methods
        self._retry = retry
        self._limit = limit

    def judge(
        self, method_name: str | None, url: str | None, faults: list[Fault], at: str = ""
    ) -> Aim | None:
        """The aim, or None and its faults; `at` is the pointer of the object that holds both fields."""
        method = self._method(method_name, faults, at)
        given = url
        if url is None and method is not None:
            url = method.url
        if url is None:
            if method and not any(fault.pointer == f"{at}/url" for fault in faults):
                faults.append(Fault(f"{at}/url", "required", "It is needed, as the method has no URL."))
            return None
        try:
            target = parse_url(url, f"{at}/url", limit=self._limit)
        except Invalid as invalid:
            faults += invalid.faults
            return None
        if method is None:
            return None
        if not method.permits(target.url):
            message = f"The method {method.name!r} may not go there."
            faults.append(Fault(f"{at}/url", "host_not_permitted", message, hosts=method.hosts))
        aim = Aim(method.name, method.http_method, target.url, target.destination, self._attempts_by(method))
        if not faults and len(url) <= REMEMBERED_LENGTH:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known[method_name, given] = aim
        return aim

    def _method(self, name: str | None, faults: list[Fault], at: str) -> Method | None:
        method = self._methods.get("POST" if name is None else name)
        if method is None:
            near, params = suggestion(str(name), self._methods.names())
            faults.append(
                Fault(f"{at}/method", "unknown_method", f"There is no such method.{near}", **params)
            )
        return method

    def _attempts_by(self, method: Method) -> int:
        """How many attempts the method grants, or the schedule that is in force with it."""
        return method.max_attempts or attempts_granted(method.retry or self._retry.policy)


def attempts_granted(policy: Policy) -> int:
    """How many attempts a policy makes of itself."""
    return min(attempts_of(policy) or USUAL_ATTEMPTS, MOST_ATTEMPTS)
