"""Settings as they are given: in config.toml and in variables `OKYDROM_SECTION__KEY`, with the place of each.

[server]                                        ("server", "port"): 8080, config.toml:2
port = 8080
OKYDROM_METHODS__CRM__URL=https://crm.internal  ("methods", "crm", "url"): "https://…", the variable's name
OKYDROM_RECIPIENTS={"https://a" = {rate = 5}}   ("recipients", "https://a:443", "rate"): 5
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from okydrom.config.parameters import KINDS, Origin, env_name
from okydrom.config.reach import destination_key
from okydrom.errors import Fault

Keys = tuple[str, ...]

WHOLE = ("OKYDROM_METHODS", "OKYDROM_RECIPIENTS")  # sections with tables whose names no variable may have

_NAME = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)", re.ASCII)
_DOTTED = rf"(?:{_NAME.pattern})(?:\s*\.\s*(?:{_NAME.pattern}))*"
_TABLE = re.compile(rf"\s*\[\s*(?P<keys>{_DOTTED})\s*\]", re.ASCII)
_KEY = re.compile(rf"\s*(?P<keys>{_DOTTED})\s*=", re.ASCII)


class Given(msgspec.Struct, frozen=True):
    """One value as it was given."""

    raw: Any
    origin: Origin
    place: str  # config.toml:12, or the variable's name


def read_file(path: Path) -> tuple[dict[Keys, Given], list[Fault]]:
    """What the file gives; a file that can't be read is a fault and gives nothing."""
    try:
        text = path.read_text("utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        return {}, [Fault("", "file", f"can't be read: {error.strerror}", place=str(path))]
    except (ValueError, RecursionError) as error:
        return {}, [Fault("", "syntax", f"is not TOML: {error}", place=str(path))]
    lines = _lines(text)
    found = {}
    for keys, raw in _leaves((), tables):
        line = next((lines[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in lines), None)
        found[_spelt(keys)] = Given(raw, Origin.FILE, f"{path}:{line}" if line else str(path))
    return found, []


def read_environment(environ: Mapping[str, str]) -> tuple[dict[Keys, Given], list[Fault]]:
    """What the variables give. Those without `__` are not ours, unless only an underscore is missing."""
    found, faults = {}, []
    slips = {env_name(name).replace("__", "_"): env_name(name) for name in KINDS}
    for variable, text in sorted(environ.items()):
        if variable in slips:
            message = f"is not a setting; did you mean {slips[variable]}?"
            faults.append(Fault("", "unknown", message, place=variable))
        elif variable in WHOLE or (variable.startswith("OKYDROM_") and "__" in variable):
            keys = tuple(variable.removeprefix("OKYDROM_").lower().split("__"))
            for inner, raw in _leaves(keys, _value(text)):
                found[_spelt(inner)] = Given(raw, Origin.ENVIRONMENT, variable)
    return found, faults


def _value(text: str) -> Any:
    """The TOML value that a variable holds; what is no TOML is a bare string."""
    try:
        tables = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return tables["value"] if tables.keys() == {"value"} else text


def _leaves(keys: Keys, raw: Any) -> Iterator[tuple[Keys, Any]]:
    """Settings have two names (section, key), those of a method or a destination three."""
    depth = 3 if keys[:1] == ("methods",) or (keys[:1] == ("recipients",) and "://" in keys[-1]) else 2
    if isinstance(raw, dict) and len(keys) < depth:
        if not raw and keys:
            yield keys, raw  # an empty table: a method or section without keys
        for key, inner in raw.items():
            yield from _leaves((*keys, key), inner)
    else:
        yield keys, raw


def _spelt(keys: Keys) -> Keys:
    """A destination in its one spelling; what is none stays as it is, for a fault that shows it."""
    if len(keys) > 1 and keys[0] == "recipients" and "://" in keys[1]:
        with suppress(ValueError):
            return keys[0], destination_key(keys[1]), *keys[2:]
    return keys


def _lines(text: str) -> dict[Keys, int]:
    """The line of each key that begins one. For messages only: a text over several lines may mislead it."""
    lines: dict[Keys, int] = {}
    table: Keys = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = _split(match["keys"])
            lines.setdefault(table, number)
        elif match := _KEY.match(line):
            lines.setdefault(table + _split(match["keys"]), number)
    return lines


def _split(dotted: str) -> Keys:
    return tuple("".join(match.groups(default="")) for match in _NAME.finditer(dotted))
