"""What operators want of destinations, and what recipients asked for: pauses, holds, limits."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from okydrom.store.sqlite.transaction import Transaction
from okydrom.store.steering import Hold, Pause, Steer, Steered

# A destination's steering as one JSON array; of `destination` d.
STEERING = """(SELECT json_array(
    d.paused, paused_at, paused_by, note, d.held_until, held_at, held_code, concurrency, rate
  ) FROM steering WHERE steering.number = d.number)"""
_STEERED = f"""
SELECT json_group_array(json_array(d.key, json({STEERING}))) FROM destination AS d INDEXED BY destination_steered
WHERE d.paused = 1 OR d.held_until > 0 OR d.steered = 1"""
_KEEP = """
INSERT INTO steering (number, paused_at, paused_by, note, held_at, held_code, concurrency, rate)
VALUES (:number, :paused_at, :paused_by, :note, :held_at, :held_code, :concurrency, :rate)
ON CONFLICT (number) DO UPDATE SET paused_at = :paused_at, paused_by = :paused_by, note = :note, held_at = :held_at,
  held_code = :held_code, concurrency = :concurrency, rate = :rate"""
_MARK = "UPDATE destination SET paused = :paused, held_until = :held_until, steered = :steered WHERE number = :number"
_READ = f"SELECT {STEERING} FROM destination AS d WHERE d.number = ?"


def steer(transaction: Transaction, orders: Sequence[Steer]) -> None:
    """Keep what is to hold; what an order leaves unset stays."""
    db = transaction.db
    numbers = transaction.destinations.numbers(db, {order.destination for order in orders})
    for order in orders:
        number = numbers[order.destination]
        (found,) = db.execute(_READ, (number,)).fetchone()
        now = steered_of(order.destination, found and msgspec.json.decode(found))
        given = {
            name: value
            for name in ("pause", "hold", "concurrency", "rate")
            if (value := getattr(order, name)) is not UNSET
        }
        _write(db, number, msgspec.structs.replace(now, **given))


def steered(db: sqlite3.Connection) -> list[Steered]:
    """Those with a pause, a hold or limits of their own."""
    rows = msgspec.json.decode(db.execute(_STEERED).fetchone()[0])
    return [steered_of(key, kept) for key, kept in rows]


def steered_of(destination: str, kept: Sequence[Any] | None) -> Steered:
    """The steering of a row that `STEERING` read; None: there is none."""
    if kept is None:
        return Steered(destination=destination)
    paused, paused_at, paused_by, note, until, held_at, code, concurrency, rate = kept
    return Steered(
        destination=destination,
        pause=Pause(paused_at or 0, paused_by or "", note) if paused else None,
        hold=Hold(held_at or 0, until, code) if until else None,
        concurrency=concurrency,
        rate=rate,
    )


def _write(db: sqlite3.Connection, number: int, steered: Steered) -> None:
    pause, hold = steered.pause, steered.hold
    values: Mapping[str, Any] = {
        "number": number,
        "paused": int(pause is not None),
        "paused_at": pause.since if pause else None,
        "paused_by": pause.by if pause else None,
        "note": pause.note if pause else None,
        "held_until": hold.until if hold else 0,
        "held_at": hold.since if hold else None,
        "held_code": hold.code if hold else None,
        "concurrency": steered.concurrency,
        "rate": steered.rate,
        "steered": int(steered.concurrency is not None or steered.rate is not None),
    }
    db.execute(_KEEP, values)
    db.execute(_MARK, values)
