"""The way to recipients that have one of their own: whom to trust there, what to show, and a proxy in between.

A destination may have one, and a method: its tasks go that way, whatever their destination has.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import msgspec

from okydrom.config.reach import Proxy, parse_proxy, tls_context
from okydrom.config.settings import DestinationSettings, Reach


class Way(msgspec.Struct, frozen=True):
    """What is None is as for all: the host's authorities, no certificate of our own; no proxy. `method` names whose it
    is: connections are kept by destination and method, so that none is shared by two ways."""

    context: ssl.SSLContext | None = None
    proxy: Proxy | None = None
    method: str = ""


STRAIGHT = Way()

Ways = Mapping[str, Way]  # by destination


def ways_of(destinations: Mapping[str, DestinationSettings]) -> Ways:
    """The ways of all destinations that have one of their own. Their files are read; ValueError if they changed since
    the configuration was checked."""
    ways = {key: way_of(destination) for key, destination in destinations.items()}
    return {key: way for key, way in ways.items() if way is not None}


def way_of(reach: Reach, method: str = "") -> Way | None:
    """What a table says of the way; None: nothing. As `ways_of`."""
    files = reach.ca_file, reach.client_cert_file, reach.client_key_file
    if not any(files) and not reach.proxy:
        return None
    return Way(
        tls_context(*files) if any(files) else None,
        parse_proxy(reach.proxy) if reach.proxy else None,
        method,
    )
