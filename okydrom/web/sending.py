"""`sending` lives in memory only: here it is laid over what the store says, wherever tasks are shown or counted."""

from __future__ import annotations

from collections.abc import Mapping

from okydrom.delivery.flights import Flights
from okydrom.task import TERMINAL, Status, Task


def sending_since(flights: Flights, task: Task) -> int | None:
    """When the attempt began that is under way for a stored task (epoch ms); None: there is none."""
    flight = flights.by_id.get(task.id)
    return flight.started if flight is not None and task.status not in TERMINAL else None


def shown_status(flights: Flights, task: Task) -> Status:
    """The status as it is shown."""
    return task.status if sending_since(flights, task) is None else Status.SENDING


def shown_counts(flights: Flights, stored: Mapping[Status, int]) -> dict[Status, int]:
    """Tasks by shown status. An attempt of a task that is not in the store yet is taken from none."""
    counts = {status: stored.get(status, 0) for status in Status}
    counts[Status.SENDING] = len(flights.by_id)
    for flight in flights.by_id.values():
        if counts[flight.task.status] > 0:
            counts[flight.task.status] -= 1
    return counts
