"""The tables that operators name, `[methods.NAME]` and `[recipients."scheme://host:port"]`, and the files they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from okydrom.config.reach import tls_context
from okydrom.config.secrets import secrets_of
from okydrom.config.settings import DestinationSettings, MethodSettings, Reach, Settings
from okydrom.errors import Fault

FILES = ("ca_file", "client_cert_file", "client_key_file")
CARRIED = ("headers", "secrets", "secret_file", "client_cert_file")

Tables = Mapping[str, Mapping[str, Any]]  # by name, what was given and is right


def methods_of(tables: Tables, base: Path, faults: list[Fault]) -> Mapping[str, MethodSettings]:
    """The methods, with the secrets of their files; paths are relative to `base`."""
    return MappingProxyType({name: _method(name, fields, base, faults) for name, fields in tables.items()})


def destinations_of(tables: Tables, base: Path) -> Mapping[str, DestinationSettings]:
    """What is special about single destinations; paths are relative to `base`."""
    return MappingProxyType(
        {key: DestinationSettings(**_placed(fields, base)) for key, fields in tables.items()}
    )


def contradictions(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """Values of named tables that are right alone and wrong together: their names, and what is wrong."""
    for name, method in settings.methods.items():
        what = _carried(method)
        if what and not method.url and not method.hosts:
            message = f"has {what}: it must have a url or list hosts, so that tasks can't take them elsewhere"
            yield _names("methods", name, *CARRIED, "url", "hosts"), message
        if why := _unreachable(method.url or "https:", method):
            yield _names("methods", name, *FILES), why
    for key, destination in settings.destinations.items():
        if why := _unreachable(key, destination):
            yield _names("recipients", key, *FILES), why


def _carried(method: MethodSettings) -> str | None:
    """What nobody else is to get."""
    if method.headers:
        return "headers"
    return "secrets" if method.secrets else "a client certificate" if method.client_cert_file else None


def _placed(fields: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """Paths are relative to `base`."""
    return {name: base / value if name in FILES else value for name, value in fields.items()}


def _method(name: str, fields: Mapping[str, Any], base: Path, faults: list[Fault]) -> MethodSettings:
    fields = _placed(fields, base)
    if (named := fields.get("secret_file")) is None:
        return MethodSettings(**fields)
    path = base / named
    secrets = fields.get("secrets", ())
    try:
        secrets += secrets_of(path)
    except ValueError as error:
        faults.append(Fault(f"methods.{name}.secret_file", "file", str(error), place=str(path)))
    return MethodSettings(**{**fields, "secrets": secrets, "secret_file": path})


def _unreachable(url: str, reach: Reach) -> str | None:
    """Why nothing can be reached as a table says; None: it can."""
    files = [getattr(reach, name) for name in FILES]
    if not any(files):
        return None
    if not url.lower().startswith("https:"):
        return "has files for TLS: its scheme must be https"
    if reach.client_key_file is not None and reach.client_cert_file is None:
        return "has a client_key_file: it must have a client_cert_file too"
    try:
        tls_context(*files)
    except ValueError as error:
        return str(error)
    return None


def _names(section: str, table: str, *keys: str) -> tuple[str, ...]:
    return (f"{section}.{table}", *(f"{section}.{table}.{key}" for key in keys))
