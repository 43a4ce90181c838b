"""The settings: frozen records that hold every default. `config` reads them, everything else is handed them.

Durations are whole milliseconds, sizes are bytes; 0 switches a limit off where its comment says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from okydrom.config.secrets import Secret
from okydrom.task import Policy, Schedule

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

ROLES = ("source", "viewer", "operator")

DEFAULT_SCHEDULE = Schedule(
    (
        5 * SECOND,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    )
)


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """`[server]`"""

    host: str = "127.0.0.1"
    port: int = 8080  # 0: any free one
    hosts: tuple[str, ...] = ()  # further names accepted in `Host`
    url_prefix: str = ""
    shutdown_grace: int = 20 * SECOND
    header_timeout: int = 20 * SECOND  # a request's head must have arrived
    body_timeout: int = 30 * SECOND  # and its body
    keepalive_timeout: int = 75 * SECOND  # idle connections stay open


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """`[storage]`"""

    path: Path = Path("data")
    chunk_size: int = 16 * MIB  # of the journal's files
    journal_keep: int = 24 * HOUR  # imported chunks stay this long…
    journal_keep_size: int = 1 * GIB  # …and within this size
    min_free: int = 256 * MIB  # below it creates get 503; 0: off
    max_backlog: int = 64 * MIB  # accepted bytes not yet in the store; beyond it creates get 503
    flush: int = 100  # how long accepted tasks and outcomes are gathered before the store writes them


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """`[delivery]`"""

    senders: int = 1024
    timeout: int = 15 * SECOND
    connect_timeout: int = 10 * SECOND  # of the attempt's time, at most this for name, connection and TLS
    max_answer: int = 16 * KIB  # bytes of an answer's body that are read and kept
    max_hold: int = 5 * MINUTE
    lane_bytes: int = 64 * MIB  # all lanes together
    idle_timeout: int = 30 * SECOND  # an unused connection is closed
    connection_age: int = 5 * MINUTE  # any connection is closed


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """`[retry]`"""

    policy: Policy = DEFAULT_SCHEDULE  # keys `schedule`, or `first` `factor` `max`
    jitter: float = 0.2  # a wait is lengthened by up to this share, never shortened
    max_age: int = 7 * DAY  # 0: off


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How recipients are reached: whom to trust there, what to show, and a proxy in between. None: as for all."""

    ca_file: Path | None = None  # PEM; trusted instead of the system's
    client_cert_file: Path | None = None  # PEM
    client_key_file: Path | None = None  # PEM; None: the key stands in the certificate's file
    proxy: str | None = None  # http://[user:password@]host:port; CONNECT for https


class DestinationSettings(Reach, frozen=True, kw_only=True):
    """`[recipients."scheme://host:port"]`: what is special about one destination. None: as for all."""

    concurrency: int | None = None
    rate: float | None = None  # attempts a second


class Recipients(msgspec.Struct, frozen=True, kw_only=True):
    """`[recipients]`"""

    networks: str = "any"  # any | public
    allow: tuple[str, ...] = ()  # CIDRs
    deny: tuple[str, ...] = ()
    concurrency: int = 64  # attempts in flight per destination
    max_waiting: int = 1_000_000  # tasks that wait for one destination; beyond it creates get 429; 0: off


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`[limits]`"""

    body: int = 1 * MIB  # of a task
    batch: int = 8 * MIB  # of a request with several tasks
    headers: int = 32  # of a task
    header_size: int = 8 * KIB  # of one header's name and value
    url: int = 8 * KIB
    source_rate: float = 0  # tasks a second that one source may hand in; 0: any number
    source_burst: int = 1_000  # that it may hand in at once
    depth: int = 64  # nesting of a create's JSON outside of `payload`; of `payload` as well


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """`[retention]`; 0: kept for ever"""

    delivered: int = 7 * DAY
    failed: int = 30 * DAY
    cancelled: int = 30 * DAY
    attempts: int = 0  # what attempts brought; 0: as long as their tasks
    audit: int = 365 * DAY  # what operators changed, and bulk operations that have ended
    max_size: int = 10 * GIB  # of the store; beyond it delivered tasks go early, oldest first; 0: off


class Token(msgspec.Struct, frozen=True):
    """An access token: whose, what for, and the SHA-256 of it in lower-case hexadecimal digits."""

    name: str
    role: str
    sha256: str


class Auth(msgspec.Struct, frozen=True, kw_only=True):
    """`[auth]`"""

    mode: str = "auto"  # auto (tokens, if there are any) | tokens | none
    tokens: tuple[Token, ...] = ()  # those of `tokens_file` among them
    tokens_file: str = ""  # none


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """`[log]`"""

    level: str = "info"  # debug | info | warning | error
    format: str = "auto"  # auto (lines for people on a terminal, else JSON) | json | text


class Ui(msgspec.Struct, frozen=True, kw_only=True):
    """`[ui]`"""

    lang: str = "auto"  # auto (the browser's) | ru | en


class MethodSettings(Reach, frozen=True, kw_only=True):
    """`[methods.NAME]`: a named way to notify. With headers, secrets or a certificate it fixes `url` or lists `hosts`;
    with anything of `Reach` its tasks go that way, whatever their destination has."""

    http_method: str = "POST"
    url: str | None = None
    hosts: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    timeout: int | None = None
    max_attempts: int | None = None
    retry: Policy | None = None
    secrets: tuple[Secret, ...] = ()  # those of `secret_file` at the end
    secret_file: Path | None = None
    stop_codes: frozenset[int] = frozenset()  # answers that end a task at once
    description: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    server: Server = Server()
    storage: Storage = Storage()
    delivery: Delivery = Delivery()
    retry: Retry = Retry()
    recipients: Recipients = Recipients()
    limits: Limits = Limits()
    retention: Retention = Retention()
    auth: Auth = Auth()
    log: Log = Log()
    ui: Ui = Ui()
    methods: Mapping[str, MethodSettings] = MappingProxyType({})
    destinations: Mapping[str, DestinationSettings] = MappingProxyType(
        {}
    )  # tables below `[recipients]`, by key
