"""The way to a destination that has one of its own: whom to trust there, what to show, and a proxy in between.

Connections are kept by destination, and a destination has one way: none is shared between two.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import msgspec

from okydrom.config.reach import Proxy, parse_proxy, tls_context
from okydrom.config.settings import DestinationSettings


class Way(msgspec.Struct, frozen=True):
    """What is None is as for all: the host's authorities, no certificate of our own; no proxy."""

    context: ssl.SSLContext | None = None
    proxy: Proxy | None = None


Ways = Mapping[str, Way]  # by destination


def ways_of(destinations: Mapping[str, DestinationSettings]) -> Ways:
    """The ways of all destinations that have one of their own. Their files are read; ValueError if they changed since
    the configuration was checked."""
    ways = {key: _way(destination) for key, destination in destinations.items()}
    return {key: way for key, way in ways.items() if way != Way()}


def _way(destination: DestinationSettings) -> Way:
    files = destination.ca_file, destination.client_cert_file, destination.client_key_file
    return Way(
        tls_context(*files) if any(files) else None,
        parse_proxy(destination.proxy) if destination.proxy else None,
    )
