"""Open files: how many this process may have, and how many attempts and clients that allows."""

from __future__ import annotations

import resource

import msgspec

from okydrom.config.settings import Settings

KEPT = 256  # for the journal, the store and its readers, the log
FEWEST_CLIENTS = 64
WANTED = 65_536  # more than this helps nobody


def raise_limit(wanted: int = WANTED) -> int:
    """Allow this process as many open files as the system lets it have, up to `wanted`; how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited:
        return wanted
    target = wanted if hard == unlimited else min(wanted, hard)
    if target > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
    return max(soft, target)


def fitted(settings: Settings, limit: int) -> Settings:
    """Settings whose senders can't take the descriptors of others: half of what is not kept is for them.

    >>> fitted(Settings(), 1024).delivery.senders, fitted(Settings(), 65_536).delivery.senders
    (384, 1024)
    """
    most = max(1, (limit - KEPT) // 2)
    if settings.delivery.senders <= most:
        return settings
    delivery = msgspec.structs.replace(settings.delivery, senders=most)
    return msgspec.structs.replace(settings, delivery=delivery)


def clients(senders: int, limit: int) -> int:
    """How many clients may be connected: what is left by what is kept and by the senders' connections.

    >>> clients(384, 1024), clients(1024, 65_536), clients(1, 128)
    (384, 64256, 64)
    """
    return max(FEWEST_CLIENTS, limit - KEPT - senders)
