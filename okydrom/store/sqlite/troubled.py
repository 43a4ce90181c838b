"""Where something is wrong: read from the counts that are kept, with a task of each to look at."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from okydrom.store.sqlite.attempts import unpack_attempt
from okydrom.store.sqlite.rows import id_text
from okydrom.store.sqlite.troubles import OUTCOME
from okydrom.store.trouble import Trouble, Troubled
from okydrom.task import Failure

NEAR = 10  # tasks of a destination that are looked at for one that shows what is wrong
MOST = 2_000  # counts that are read for one answer

_ACTIVE = "(retrying > 0 OR last_at >= :since)"
_WORST = f"""
SELECT destination FROM trouble WHERE {_ACTIVE} ORDER BY retrying + failed DESC LIMIT :limit"""
_NAMED = """
SELECT number FROM destination WHERE key IN (SELECT value FROM json_each(:named)) ORDER BY waiting DESC LIMIT :limit"""
_NEXT = """
SELECT hex(id) FROM task INDEXED BY task_due WHERE destination = d.number AND due IS NOT NULL ORDER BY due LIMIT 1"""
_PLACES = f"""
SELECT json_group_array(json_array(number, key, waiting, next_due, ({_NEXT}))) FROM destination AS d
WHERE number IN (SELECT value FROM json_each(:numbers))"""
_FITS = f"destination = t.destination AND status IN ('retrying', 'failed') AND {OUTCOME} = t.outcome"
# The last one may have gone on since; then one of those that wait, or have failed, may do.
_SAMPLE = f"""coalesce(
  (SELECT hex(id) FROM task WHERE seq = t.sample AND {_FITS}),
  (SELECT hex(id) FROM (SELECT * FROM task INDEXED BY task_due WHERE destination = t.destination AND due IS NOT NULL
                        ORDER BY due LIMIT {NEAR}) WHERE {_FITS} LIMIT 1),
  (SELECT hex(id) FROM (SELECT * FROM task INDEXED BY task_failed WHERE destination = t.destination
                        AND reason IS NOT NULL ORDER BY seq DESC LIMIT {NEAR}) WHERE {_FITS} LIMIT 1))"""
_TROUBLES = f"""
SELECT json_group_array(json_array(destination, outcome, retrying, failed, first_at, last_at, {_SAMPLE})) FROM (
  SELECT * FROM trouble WHERE destination IN (SELECT value FROM json_each(:numbers)) AND {_ACTIVE}
  ORDER BY retrying + failed DESC LIMIT {MOST}
) AS t"""
_ATTEMPT = """
SELECT number, attempt FROM attempt WHERE key = (SELECT last_attempt FROM task WHERE id = ?)"""


def found(db: sqlite3.Connection, since: int, limit: int, named: Sequence[str]) -> list[Troubled]:
    """See the contract."""
    values = {"since": since, "limit": limit, "named": msgspec.json.encode(named).decode()}
    numbers = {number for sql in (_WORST, _NAMED) for (number,) in db.execute(sql, values)}
    values["numbers"] = msgspec.json.encode(list(numbers)).decode()
    troubles = defaultdict[int, list[Trouble]](list)
    for number, *row in _rows(db, _TROUBLES, values):
        troubles[number].append(_trouble(db, *row))
    return [
        Troubled(
            destination=key,
            waiting=waiting,
            next_due=next_due,
            sample_id=id_text(sample) if sample else None,
            troubles=troubles[number],
        )
        for number, key, waiting, next_due, sample in _rows(db, _PLACES, values)
    ]


def _rows(db: sqlite3.Connection, sql: str, values: dict[str, Any]) -> list[Any]:
    rows: list[Any] = msgspec.json.decode(db.execute(sql, values).fetchone()[0])
    return rows


def _trouble(
    db: sqlite3.Connection,
    outcome: str,
    retrying: int,
    failed: int,
    first: int,
    last: int,
    sample: str | None,
) -> Trouble:
    return Trouble(
        outcome=outcome or None,
        rule=_rule(db, sample) if sample and outcome == Failure.BLOCKED else None,
        retrying=retrying,
        failed=failed,
        first_at=first,
        last_at=last,
        sample_id=id_text(sample) if sample else None,
    )


def _rule(db: sqlite3.Connection, sample: str) -> str | None:
    """The rule that refused a task's last attempt."""
    row = db.execute(_ATTEMPT, (bytes.fromhex(sample),)).fetchone()
    return unpack_attempt(*row).outcome.rule if row else None
