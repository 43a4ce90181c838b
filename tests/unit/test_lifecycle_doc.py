"""The life of a task as docs/how-it-works.md draws it is the life that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from okydrom.task import GROUPS, TERMINAL, TRANSITIONS, Group, Reason, Status

DOC = (Path(__file__).parents[2] / "docs" / "how-it-works.md").read_text()


def rows(heading: str) -> list[list[str]]:
    table = DOC.split(heading, 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:] if line]


def test_the_table_of_statuses_is_the_table_of_transitions() -> None:
    drawn = {}
    for status, group, onward in rows("| status | group | moves on to |"):
        if status.startswith("-"):
            continue
        name = Status(status.strip("`"))
        assert GROUPS[name] is Group(group.strip("`"))
        drawn[name] = frozenset(Status(word) for word in re.findall(r"`(\w+)`", onward))
    assert drawn == dict(TRANSITIONS)


def test_every_reason_is_explained() -> None:
    named = {row[0].strip("`") for row in rows("| reason | meaning |") if not row[0].startswith("-")}
    assert named == {reason.value for reason in Reason}


def test_terminal_statuses_are_left_by_retry_alone() -> None:
    assert {status for status, onward in TRANSITIONS.items() if onward == {Status.QUEUED}} == TERMINAL
