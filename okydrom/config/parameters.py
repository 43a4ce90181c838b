"""The catalogue of settings: of what kind each is, and how it stands in GET /parameters.

The table here decides which keys config.toml may have; their defaults are those of `settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from okydrom.config import kinds
from okydrom.config.descriptions import DESCRIPTIONS
from okydrom.config.kinds import Kind, choice, count, duration, optional, size, text, texts
from okydrom.config.reach import checked_proxy
from okydrom.config.settings import DAY, GIB, HOUR, KIB, MIB, MINUTE, SECOND, Settings
from okydrom.policy import LONGEST_WAIT, PARTS
from okydrom.task import Policy, Schedule

KINDS: Mapping[str, Kind] = {
    "server.host": text(kinds.address),
    "server.port": count(0, 65_535),
    "server.hosts": texts(kinds.host_name),
    "server.url_prefix": text(kinds.prefix),
    "server.shutdown_grace": duration(0, HOUR),
    "server.header_timeout": duration(SECOND, 10 * MINUTE),
    "server.body_timeout": duration(SECOND, HOUR),
    "server.keepalive_timeout": duration(SECOND, DAY),
    "storage.path": kinds.PATH,
    "storage.chunk_size": size(64 * KIB, GIB),
    "storage.journal_keep": duration(),
    "storage.journal_keep_size": size(),
    "storage.min_free": size(),
    "storage.max_backlog": size(MIB),
    "storage.flush": duration(1, 5 * SECOND),
    "delivery.senders": count(1, 65_536, "senders"),
    "delivery.timeout": duration(1, HOUR),
    "delivery.connect_timeout": duration(1, HOUR),
    "delivery.max_answer": size(0, MIB),
    "delivery.max_hold": duration(SECOND, DAY),
    "delivery.lane_bytes": size(MIB),
    "delivery.idle_timeout": duration(SECOND, DAY),
    "delivery.connection_age": duration(SECOND, DAY),
    "retry.schedule": optional(kinds.WAITS),
    "retry.first": optional(duration(1, LONGEST_WAIT)),
    "retry.factor": optional(kinds.FACTOR),
    "retry.max": optional(duration(1, LONGEST_WAIT)),
    "retry.jitter": kinds.SHARE,
    "retry.max_age": duration(),
    "recipients.networks": choice("any", "public"),
    "recipients.allow": texts(kinds.network),
    "recipients.deny": texts(kinds.network),
    "recipients.concurrency": count(1, 65_536, "attempts"),
    "recipients.max_waiting": kinds.or_off(count(1_000, 10**9, "tasks")),
    "limits.body": size(1, 64 * MIB),
    "limits.batch": size(1, 64 * MIB),
    "limits.headers": count(0, 1000, "headers"),
    "limits.header_size": size(16, 64 * KIB),
    "limits.url": size(16, 64 * KIB),
    "limits.source_rate": kinds.RATE,
    "limits.source_burst": count(1, 1_000_000, "tasks"),
    "limits.depth": count(1, 256, "levels"),
    "retention.delivered": duration(),
    "retention.failed": duration(),
    "retention.cancelled": duration(),
    "retention.attempts": duration(),
    "retention.audit": duration(),
    "retention.max_size": size(),
    "auth.mode": choice("auto", "tokens", "none"),
    "auth.tokens": kinds.TOKENS,
    "auth.tokens_file": text(),
    "log.level": choice("debug", "info", "warning", "error"),
    "log.format": choice("auto", "json", "text"),
    "ui.lang": choice("auto", "ru", "en"),
}

# The keys that methods and destinations have in common.
REACH_KINDS: Mapping[str, Kind] = {
    "ca_file": kinds.PATH,
    "client_cert_file": kinds.PATH,
    "client_key_file": kinds.PATH,
    "proxy": text(checked_proxy),
}

# The keys of [methods.NAME], apart from `retry`, which is a policy's table.
METHOD_KINDS: Mapping[str, Kind] = {
    "http_method": choice("POST", "PUT", "PATCH", "DELETE", "GET"),
    "url": text(kinds.http_url),
    "hosts": texts(kinds.recipient),
    "headers": kinds.HEADERS,
    "timeout": duration(1, HOUR),
    "max_attempts": count(1, 100),
    "retry": kinds.POLICY,
    "secrets": kinds.SECRETS,
    "secret_file": kinds.PATH,
    "stop_codes": kinds.CODES,
    **REACH_KINDS,
    "description": text(),
}

# The keys of [recipients."scheme://host:port"].
DESTINATION_KINDS: Mapping[str, Kind] = {
    "concurrency": count(1, 65_536, "attempts"),
    "rate": kinds.PACE,
    **REACH_KINDS,
}

SECRETS = frozenset({"auth.tokens"})  # names whose values nobody is shown


class Origin(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One setting as GET /parameters shows it. Durations are seconds and sizes are bytes, as `unit` says."""

    name: str
    section: str
    value: Any  # None where it is secret or not set
    default: Any
    display: str  # for people
    origin: Origin
    env: str
    unit: str | None
    secret: bool
    description: Mapping[str, str]  # by language


def parameters(settings: Settings, origins: Mapping[str, Origin]) -> list[Parameter]:
    """All settings in the order of the catalogue."""
    return [parameter(name, settings, origins.get(name, Origin.DEFAULT)) for name in KINDS]


def parameter(name: str, settings: Settings, origin: Origin, secrets: frozenset[str] = SECRETS) -> Parameter:
    """One setting; of a secret one only that it is there."""
    kind, value, secret = KINDS[name], value_of(settings, name), name in secrets
    english, russian = DESCRIPTIONS[name]
    return Parameter(
        name=name,
        section=name.partition(".")[0],
        value=None if secret else kind.plain(value),
        default=None if secret else kind.plain(value_of(Settings(), name)),
        display="***" if secret else kind.show(value),
        origin=origin,
        env=env_name(name),
        unit=kind.unit,
        secret=secret,
        description={"ru": russian, "en": english},
    )


def env_name(name: str) -> str:
    """The variable that overrides a setting.

    >>> env_name("server.shutdown_grace")
    'OKYDROM_SERVER__SHUTDOWN_GRACE'
    """
    return "OKYDROM_" + name.replace(".", "__").upper()


def value_of(settings: Settings, name: str) -> Any:
    """A setting's value by its name; None: not set."""
    section, key = name.split(".")
    if section == "retry" and key in PARTS:
        return _policy_value(settings.retry.policy, key)
    return getattr(getattr(settings, section), key)


def _policy_value(policy: Policy, key: str) -> Any:
    if isinstance(policy, Schedule):
        return policy.waits if key == "schedule" else None
    return None if key == "schedule" else getattr(policy, key)
