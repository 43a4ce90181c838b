"""The methods: named ways to notify. The HTTP verbs are built in, an operator defines others in config.toml."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from okydrom.config.settings import MethodSettings
from okydrom.delivery.signing import Signer
from okydrom.delivery.ways import Way, way_of
from okydrom.destination import destination_of
from okydrom.task import VERBS, Policy


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """One method. What is None (or empty) comes from the task, else from the service's settings."""

    name: str
    http_method: str
    url: str | None = None
    hosts: tuple[str, ...] = ()  # host, host:port or scheme://host:port
    headers: tuple[tuple[str, str], ...] = ()
    timeout: int | None = None  # milliseconds
    max_attempts: int | None = None
    retry: Policy | None = None
    signer: Signer | None = None
    stop_codes: frozenset[int] = frozenset()  # answers that end a task at once
    way: Way | None = None  # instead of that of the destination
    certified: bool = False  # it shows a certificate of ours on its way
    builtin: bool = False
    description: str = ""

    @property
    def signed(self) -> int:
        """How many signatures each request has: one per secret."""
        return 0 if self.signer is None else len(self.signer)

    def permits(self, url: str, destination: str | None = None) -> bool:
        """May a task that names this method go to `url`? What the method carries goes nowhere else. `destination`:
        that of the URL, if it is known.

        >>> Method(name="crm", http_method="POST", hosts=("crm.internal",)).permits("http://crm.internal:8080/x")
        True
        >>> Method(name="crm", http_method="POST", hosts=("crm.internal:443",)).permits("http://crm.internal/")
        False
        """
        if url == self.url or not (self.hosts or self.headers or self.signer or self.certified):
            return True
        try:
            destination = destination or destination_of(url)
        except ValueError:
            return False
        place = destination.partition("://")[2]
        host = place.rpartition(":")[0]
        return not {destination, place, host}.isdisjoint(self.hosts)


class Methods:
    """All methods by name, the built-in ones first."""

    def __init__(self, defined: Mapping[str, MethodSettings]) -> None:
        self._methods = {verb: _builtin(verb) for verb in VERBS}
        self._methods |= {name: _defined(name, settings) for name, settings in defined.items()}

    def get(self, name: str) -> Method | None:
        """The method of this name, if there is one."""
        return self._methods.get(name)

    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self._methods)

    def all(self) -> tuple[Method, ...]:
        """All methods."""
        return tuple(self._methods.values())


def _builtin(verb: str) -> Method:
    return Method(name=verb, http_method=verb, builtin=True, description=f"{verb} to the URL of the task")


def _defined(name: str, settings: MethodSettings) -> Method:
    return Method(
        name=name,
        http_method=settings.http_method,
        url=settings.url,
        hosts=settings.hosts,
        headers=settings.headers,
        timeout=settings.timeout,
        max_attempts=settings.max_attempts,
        retry=settings.retry,
        signer=Signer(settings.secrets) if settings.secrets else None,
        stop_codes=settings.stop_codes,
        way=way_of(settings, name),
        certified=settings.client_cert_file is not None,
        description=settings.description,
    )
