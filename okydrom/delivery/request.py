"""The request of one attempt: the task's bytes with the headers of Standard Webhooks 1.0."""

from __future__ import annotations

import random

from okydrom import __version__
from okydrom.delivery.methods import Method
from okydrom.delivery.trace import onward
from okydrom.delivery.transport import Request
from okydrom.task import Task

AGENT = ("User-Agent", f"Okydrom/{__version__}")


def request_of(task: Task, method: Method | None, wall: int, rand: random.Random) -> Request:
    """What goes out now. `wall` is the real clock's epoch ms (`webhook-timestamp` is in seconds, per the standard);
    `rand` makes the span of a task that is traced.

    A header of the task replaces one of the method, which replaces one of ours; `webhook-*` can't be replaced
    (refused at accept). What a method carries is not recorded.
    """
    number = task.max_attempts - task.attempts_left + 1
    timestamp = str(wall // 1000)
    headers = [
        ("webhook-id", task.id),
        ("webhook-timestamp", timestamp),
        ("Okydrom-Attempt", f"{number}/{task.max_attempts}"),
    ]
    if method is not None and method.signer is not None:
        headers.append(("webhook-signature", method.signer.sign(task.id, timestamp, task.body)))
    given, hidden = task.headers, frozenset[str]()
    if method is not None and method.headers:
        of_method = _unreplaced(method.headers, task.headers)
        given, hidden = of_method + given, frozenset(name.lower() for name, _ in of_method)
    names = {name.lower() for name, _ in given} if given else ()
    if "user-agent" not in names:
        headers.append(AGENT)
    if task.content_type is not None and "content-type" not in names:
        headers.append(("Content-Type", task.content_type))
    if task.traceparent is not None and "traceparent" not in names:
        headers += onward(task.traceparent, rand)
    headers.extend(given)
    way = method.way if method is not None else None
    return Request(task.http_method, task.url, tuple(headers), task.body, hidden, way)


def _unreplaced(
    method: tuple[tuple[str, str], ...], task: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    replaced = {name.lower() for name, _ in task}
    return tuple(pair for pair in method if pair[0].lower() not in replaced)
