"""Reads config.toml and the environment into settings. All faults are reported together, each with its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from okydrom.config.given import Given, Keys, read_environment, read_file
from okydrom.config.kinds import Kind, is_loopback
from okydrom.config.parameters import DESTINATION_KINDS, KINDS, METHOD_KINDS, Origin
from okydrom.config.reach import destination_key
from okydrom.config.settings import Settings
from okydrom.config.tables import contradictions, destinations_of, methods_of
from okydrom.config.tokens import read_tokens_file, unique
from okydrom.errors import ConfigError, Fault
from okydrom.policy import PARTS, make_policy
from okydrom.task import VERBS

STEPS = PARTS.keys() - {"schedule"}
SECTIONS = tuple(dict.fromkeys(name.partition(".")[0] for name in KINDS))
METHOD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)


class Loaded(msgspec.Struct, frozen=True):
    """The settings, and by name (`server.port`, `methods.crm`) where each came from."""

    settings: Settings
    origins: Mapping[str, Origin]


def load(path: Path | None, environ: Mapping[str, str]) -> Loaded:
    """Settings of a file (None: only defaults) and of variables, which win. Raises ConfigError with all faults."""
    in_file, faults = read_file(path) if path is not None else ({}, [])
    in_environment, more = read_environment(environ)
    faults += more
    given = _merged(in_file, in_environment)
    values = dict(_read(given, faults))
    settings = _settings(values, path.parent if path is not None else Path(), faults)
    faulty = {fault.pointer for fault in faults}
    for names, message in _contradictions(settings, values):
        if faulty.isdisjoint(names):
            place = next((value.place for keys, value in given.items() if ".".join(keys) in names), "")
            faults.append(Fault(names[0], "conflict", message, place=place))
    if faults:
        raise ConfigError(faults)
    return Loaded(settings, MappingProxyType(_origins(given)))


def _merged(low: Mapping[Keys, Given], high: Mapping[Keys, Given]) -> dict[Keys, Given]:
    """`high` wins; a policy is one value under several keys, so one of them puts those of `low` aside."""
    names = {keys[1] for keys in high if keys[0] == "retry" and len(keys) == 2}
    aside = STEPS if "schedule" in names else {"schedule"} if names & STEPS else set()
    kept = {keys: value for keys, value in low.items() if keys[0] != "retry" or keys[-1] not in aside}
    return kept | dict(high)


def _read(given: Mapping[Keys, Given], faults: list[Fault]) -> Iterator[tuple[Keys, Any]]:
    """The values that are right; what is wrong with the others goes to `faults`."""
    for keys, value in given.items():
        if len(keys) < 2 and isinstance(value.raw, dict) and keys[0] in (*SECTIONS, "methods"):
            continue  # an empty section
        try:
            kind = _kind(keys, value.raw)
            yield keys, value.raw if kind is None else kind.read(value.raw)
        except KeyError:
            faults.append(Fault(".".join(keys), "unknown", f"is unknown{_guess(keys)}", place=value.place))
        except ValueError as error:
            message = str(error) + _but_is(keys, value.raw)
            faults.append(Fault(".".join(keys), "invalid", message, place=value.place))


def _kind(keys: Keys, raw: object) -> Kind | None:
    """What the value of these keys may be; None: an empty table. Raises KeyError: no such setting."""
    if keys[0] == "methods":
        return _kind_in_method(keys, raw)
    if _names_destination(keys, raw):
        return _kind_at_destination(keys, raw)
    if len(keys) == 1 and keys[0] in SECTIONS:
        raise ValueError("must be a table")
    if len(keys) != 2:
        raise KeyError(keys)
    return KINDS[".".join(keys)]


def _kind_in_method(keys: Keys, raw: object) -> Kind | None:
    if len(keys) > 1 and (not METHOD_NAME.fullmatch(keys[1]) or keys[1].upper() in VERBS):
        raise ValueError("must be named by letters, digits, _ and -, and not by a built-in verb")
    if len(keys) == 2 and isinstance(raw, dict):
        return None
    if len(keys) < 3:
        raise ValueError("must be a table with http_method, url and the like")
    return METHOD_KINDS[".".join(keys[2:])]


def _names_destination(keys: Keys, raw: object) -> bool:
    """Is it a table below `[recipients]`, or one of its keys?"""
    if keys[0] != "recipients" or len(keys) < 2:
        return False
    return "://" in keys[1] or (isinstance(raw, dict) and ".".join(keys) not in KINDS)


def _kind_at_destination(keys: Keys, raw: object) -> Kind | None:
    destination_key(keys[1])
    if len(keys) == 2:
        if isinstance(raw, dict):
            return None
        raise ValueError("must be a table with concurrency, ca_file and the like")
    return DESTINATION_KINDS[".".join(keys[2:])]


def _guess(keys: Keys) -> str:
    """`; did you mean …?` for a name that was meant."""
    if keys[0] == "methods":
        close = difflib.get_close_matches(keys[-1], METHOD_KINDS, 1)
    elif len(keys) > 2:
        close = difflib.get_close_matches(keys[-1], DESTINATION_KINDS, 1)
        close += difflib.get_close_matches(".".join(keys[:2]), KINDS, 1, 0.75)
    else:
        close = difflib.get_close_matches(".".join(keys), KINDS, 1, 0.75)
        close += [name for name in KINDS if name.partition(".")[2] == keys[-1]]
        close += difflib.get_close_matches(keys[0], SECTIONS, 1)
    return f"; did you mean {close[0]}?" if close else ""


def _but_is(keys: Keys, raw: object) -> str:
    """What stands there instead; not where it may be a credential."""
    if keys[0] in ("methods", "auth") or len(keys) != 2 or _names_destination(keys, raw):
        return ""
    shown = repr(raw)
    return f", not {shown if len(shown) <= 60 else shown[:57] + '…'}"


def _settings(values: Mapping[Keys, Any], base: Path, faults: list[Fault]) -> Settings:
    """Settings of what is right; paths are relative to `base`."""
    defaults = Settings()
    tables: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    named: dict[str, dict[str, dict[str, Any]]] = {"methods": {}, "recipients": {}}
    for keys, value in values.items():
        if keys[0] == "methods" or _names_destination(keys, value):
            named[keys[0]].setdefault(keys[1], {}).update({keys[2]: value} if len(keys) == 3 else {})
        else:
            tables[keys[0]][keys[1]] = value
    tables["storage"]["path"] = base / tables["storage"].get("path", defaults.storage.path)
    tables["auth"] = _with_file(tables["auth"], base, faults)
    tables["retry"] = _with_policy(tables["retry"])
    return Settings(
        methods=methods_of(named["methods"], base, faults),
        destinations=destinations_of(named["recipients"], base),
        **{
            section: msgspec.structs.replace(getattr(defaults, section), **table)
            for section, table in tables.items()
        },
    )


def _with_file(table: Mapping[str, Any], base: Path, faults: list[Fault]) -> dict[str, Any]:
    """`[auth]` with the tokens of its file."""
    if not (named := table.get("tokens_file")):
        return dict(table)
    path = base / named
    try:
        tokens = unique((*table.get("tokens", ()), *read_tokens_file(path)))
    except OSError as error:
        faults.append(Fault("auth.tokens_file", "file", f"can't be read: {error.strerror}", place=str(path)))
    except ValueError as error:
        faults.append(Fault("auth.tokens_file", "invalid", str(error), place=str(path)))
    else:
        return {**table, "tokens": tokens}
    return dict(table)


def _with_policy(table: Mapping[str, Any]) -> dict[str, Any]:
    """`[retry]` with its policy in one piece; one that makes no sense is left out, `_contradictions` says why."""
    parts = {key: value for key, value in table.items() if key in PARTS}
    rest = {key: value for key, value in table.items() if key not in PARTS}
    try:
        return rest | {"policy": make_policy(parts)}
    except ValueError:
        return rest


def _contradictions(settings: Settings, values: Mapping[Keys, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Values that are right alone and wrong together: their names, and what is wrong."""
    delivery, body = settings.delivery, settings.limits.body
    yield from _access(settings)
    if ("delivery", "connect_timeout") in values and delivery.connect_timeout > delivery.timeout:
        yield ("delivery.connect_timeout", "delivery.timeout"), "must be at most delivery.timeout"
    if delivery.lane_bytes < body:
        yield ("delivery.lane_bytes", "limits.body"), "must be at least limits.body"
    if settings.storage.max_backlog < body:
        yield ("storage.max_backlog", "limits.body"), "must be at least limits.body"
    parts = {keys[1]: value for keys, value in values.items() if keys[0] == "retry" and keys[1] in PARTS}
    try:
        make_policy(parts or {"schedule": ()})
    except ValueError as error:
        yield tuple(f"retry.{key}" for key in dict.fromkeys([*parts, *PARTS])), str(error)
    yield from contradictions(settings)


def _access(settings: Settings) -> Iterator[tuple[tuple[str, ...], str]]:
    """Whoever reaches the service may do everything, unless there are tokens: that has to be meant."""
    auth, host = settings.auth, settings.server.host
    if auth.mode == "none" and auth.tokens:
        yield ("auth.mode", "auth.tokens"), 'is "none", but there are tokens: nobody would be asked for them'
    if auth.mode == "tokens" and not auth.tokens:
        yield ("auth.mode", "auth.tokens"), 'is "tokens", but there are none; `okydrom.py token` makes them'
    if auth.mode == "auto" and not auth.tokens and not is_loopback(host):
        message = (
            f"is {host!r}, which others can reach: give [auth] tokens (`okydrom.py token` makes them), or say "
            'auth.mode = "none" to let everybody do everything'
        )
        yield ("server.host", "auth.mode", "auth.tokens"), message


def _origins(given: Mapping[Keys, Given]) -> dict[str, Origin]:
    """Of every setting, and of every method and destination (environment, if one of its keys came from there)."""
    origins = dict.fromkeys(KINDS, Origin.DEFAULT)
    for keys, value in sorted(given.items(), key=lambda item: item[1].origin is Origin.ENVIRONMENT):
        if len(keys) > 1:
            origins[".".join(keys[:2])] = value.origin
    return origins
