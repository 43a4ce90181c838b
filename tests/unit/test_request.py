"""The request of one attempt."""

import random

import pytest

from okydrom import __version__
from okydrom.config.secrets import parse_secret
from okydrom.delivery.methods import Method
from okydrom.delivery.request import request_of
from okydrom.delivery.signing import Signer
from okydrom.task import Task
from tests.support.tasks import make_task

WALL = 1_614_265_330_999
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def headers(
    task: Task, method: Method | None = None, wall: int = WALL, seed: int = 1
) -> list[tuple[str, str]]:
    return list(request_of(task, method, wall, random.Random(seed)).headers)


def method(**fields: object) -> Method:
    return Method(name="crm", http_method="POST", **fields)  # type: ignore[arg-type]


def test_a_plain_task_has_these_headers_and_no_others() -> None:
    task = make_task(max_attempts=10, attempts_left=9)
    assert headers(task) == [
        ("webhook-id", task.id),
        ("webhook-timestamp", "1614265330"),
        ("Okydrom-Attempt", "2/10"),
        ("User-Agent", f"Okydrom/{__version__}"),
        ("Content-Type", "application/json"),
    ]
    assert headers(task, method()) == headers(task)


def test_a_signature_covers_the_very_stamp_that_is_sent() -> None:
    signer = Signer([parse_secret(SECRET)])
    task = make_task()
    for wall, stamp in ((WALL, "1614265330"), (WALL + 1, "1614265331")):
        found = dict(headers(task, method(signer=signer), wall))
        assert found["webhook-timestamp"] == stamp
        assert found["webhook-signature"] == signer.sign(task.id, stamp, task.body)


@pytest.mark.parametrize("given", [(), (("X-A", "b"),)])
def test_a_trace_goes_on_unless_the_task_says_its_own(given: tuple[tuple[str, str], ...]) -> None:
    task = make_task(traceparent=TRACEPARENT, headers=given)
    first, second = (dict(headers(task, seed=seed))["traceparent"] for seed in (1, 2))
    assert first[:36] == second[:36] == TRACEPARENT[:36]
    assert len({first, second, TRACEPARENT}) == 3
    own = make_task(traceparent=TRACEPARENT, headers=(("Traceparent", "mine"),))
    assert [pair for pair in headers(own) if pair[0].lower() == "traceparent"] == [("Traceparent", "mine")]
