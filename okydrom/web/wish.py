"""What a client wants to hear of: topics, single tasks, and the filter of its list."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from okydrom.errors import Fault, Invalid
from okydrom.store.query import Filter, parse_filter
from okydrom.store.values import id_text
from okydrom.web.draft import suggestion

MOST_TASKS = 200  # as many as a page of a list has


class Topic(StrEnum):
    """What is told."""

    STATS = "stats"
    DESTINATIONS = "destinations"
    BULK = "bulk"
    LIST = "list"


class Wish(msgspec.Struct, frozen=True):
    """`tasks` are told of whatever they become; `filter` says what belongs to the list, if that is a topic."""

    topics: frozenset[Topic] = frozenset(Topic)
    tasks: frozenset[str] = frozenset()
    filter: Filter = Filter()

    @property
    def list(self) -> bool:
        """Is there a list?"""
        return Topic.LIST in self.topics


def parse_wish(query: Iterable[tuple[str, str]], now: int) -> Wish:
    """The wish that a query's pairs write; all topics, if none is named. Raises Invalid with all faults.

    >>> parse_wish([("topics", "stats,bulk")], 0).list, parse_wish([("event", "user.created")], 0).list
    (False, True)
    """
    query, faults = list(query), list[Fault]()
    topics = _topics([value for name, value in query if name == "topics"], faults)
    tasks = _tasks([value for name, value in query if name == "task"], faults)
    rest = [pair for pair in query if pair[0] not in ("topics", "task")]
    try:
        wanted = parse_filter(rest, now)
    except Invalid as invalid:
        faults += invalid.faults
        wanted = Filter()
    wish = Wish(topics, tasks, wanted)
    if wanted != Filter() and not wish.list:
        faults.append(Fault("#topics", "needs_list", "A filter says what belongs to the list: a topic too."))
    if not faults and not topics and not tasks:
        faults.append(Fault("#topics", "required", "Neither a topic nor a task is named."))
    if faults:
        raise Invalid(faults)
    return wish


def _topics(given: list[str], faults: list[Fault]) -> frozenset[Topic]:
    if not given:
        return frozenset(Topic)
    names = {name.strip() for value in given for name in value.split(",")} - {""}
    for name in sorted(names - set(Topic)):
        near, params = suggestion(name, list(Topic))
        message = f"Must be of {', '.join(Topic)}.{near}"
        faults.append(Fault("#topics", "unknown_value", message, allowed=list(Topic), **params))
    return frozenset(Topic(name) for name in names & set(Topic))


def _tasks(given: list[str], faults: list[Fault]) -> frozenset[str]:
    found = set()
    for text in {text.strip() for value in given for text in value.split(",")} - {""}:
        try:
            found.add(id_text(text, 0))
        except ValueError as error:
            faults.append(Fault("#task", "invalid_value", str(error)))
    if len(found) > MOST_TASKS:
        faults.append(Fault("#task", "too_many", f"At most {MOST_TASKS} tasks.", max=MOST_TASKS))
    return frozenset(found)
