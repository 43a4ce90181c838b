"""Tasks as services really hand them in, and what becomes of them: each function makes one with its attempts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import msgspec

from okydrom.callback import Callback
from okydrom.config.settings import DAY, HOUR, MINUTE, SECOND
from okydrom.delivery.request import request_of
from okydrom.store.entry import Entry
from okydrom.task import Attempt, Failure, Outcome, Parts, Reason, Result, Status, Task, new_id
from tests.support.tasks import make_entry, make_task, moved

WAITS = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, DAY)
JSON = ("content-type", "application/json")

WMS = "http://wms.internal:8080"
CRM = "http://crm.internal:8080"
LEDGER = "http://ledger.internal:8080"
SMS = "https://sms-gateway.example:443"
PARTNER = "https://hooks.partner-a.example:443"
BILLING = "https://billing.internal:8443"
LEGACY = "http://legacy.example:80"
REPORTS = "http://reports.internal:9000"


class Flow(msgspec.Struct, frozen=True):
    """One kind of notification: who sends it, and where; `answers` codes when all is well, `takes` ms."""

    event: str
    source: str
    place: str
    path: str
    verb: str = "POST"
    weight: int = 1
    answers: tuple[int, ...] = (200,)
    takes: float = 40
    method: str | None = None
    labels: Mapping[str, str] = {}


ORDER = Flow("order.paid", "shop", WMS, "/hooks/orders", weight=9, takes=38)
RECOUNT = Flow("stock.recounted", "wms-core", WMS, "/hooks/recount")
SHIPMENT = Flow("shipment.sent", "wms-core", PARTNER, "/v2/callbacks/shipments", weight=4, takes=240)
PROMO = Flow("promo.started", "marketing", PARTNER, "/v2/callbacks/promotions", takes=280)
INVOICE = Flow("invoice.issued", "billing", BILLING, "/hooks/invoice-issued", weight=3, takes=70)
USER = Flow("user.created", "crm-core", BILLING, "/hooks/user-created", weight=3, takes=60)
MERGED = Flow("client.merged", "crm-core", CRM, "/api/clients/{n}", "PATCH", 2, (200, 204), 63)
TARIFF = Flow("tariff.changed", "billing", LEGACY, "/soap/notify")
REPORT = Flow("report.ready", "billing", REPORTS, "/inbox")
METADATA = Flow("user.created", "crm-core", "http://169.254.169.254:80", "/latest/meta-data")
FLOWS = (
    ORDER,
    SHIPMENT,
    PROMO,
    INVOICE,
    USER,
    MERGED,
    Flow("contract.signed", "crm-core", CRM, "/api/contracts/{n}", "PUT", 3, (204,), 118),
    Flow("user.deleted", "crm-core", CRM, "/api/clients/{n}", "DELETE", 1, (204,), 55),
    Flow("payment.received", "billing", LEDGER, "/entries", weight=5, answers=(201,), takes=29),
    Flow("code.requested", "shop", SMS, "/v1/messages", weight=6, answers=(202,), takes=212, method="sms"),
    RECOUNT,
)
WORDS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content"}
SAID = {
    422: b'{"error":"client_archived","detail":"40217 was merged before"}',
    502: b"<html><head><title>502 Bad Gateway</title></head></html>",
    503: b'{"error":"maintenance","detail":"The ledger is being rebuilt."}',
    410: b'{"error":"gone","detail":"This subscription has ended."}',
}


def task_of(rand: random.Random, flow: Flow, created: int, **fields: object) -> Task:
    """A new task of a flow."""
    number = rand.randrange(10_000, 99_999)
    body = b'{"event":"%s","id":%d,"login":"m.orlova","price":%d.00,"roles":["owner","accountant"]}' % (
        flow.event.encode(),
        2**63 + number,
        rand.randrange(90, 9_000),
    )
    tenant = rand.choice(("acme", "globex", "initech", "umbrella"))
    values = {
        "id": new_id(created, rand),
        "source": flow.source,
        "method": flow.method or flow.verb,
        "http_method": flow.verb,
        "url": f"{shown(flow.place)}{flow.path.format(n=number)}",
        "destination": flow.place,
        "event": flow.event,
        "created_at": created,
        "expires_at": created + 7 * DAY,
        "body": None if flow.verb == "DELETE" else body,
        "content_type": None if flow.verb == "DELETE" else JSON[1],
        "labels": {"contour": "prod", "tenant": tenant},
        "timeout": {PARTNER: 800, WMS: 600_000}.get(flow.place),
    }
    return make_task(**{**values, **fields})


def shown(place: str) -> str:
    """A destination as people write it: without the scheme's own port.

    >>> shown("https://a.example:443"), shown("http://a.example:8080")
    ('https://a.example', 'http://a.example:8080')
    """
    return place.removesuffix(":443") if place.startswith("https") else place.removesuffix(":80")


# --- what an attempt brings ------------------------------------------------------------------------------------------


def answered(rand: random.Random, code: int, takes: float, **fields: object) -> Outcome:
    """An answer after about so many ms."""
    spent = takes * rand.lognormvariate(0, 0.35)
    parts = Parts(dns=spent * 0.02, connect=spent * 0.04, wait=spent * 0.9, read=spent * 0.04)
    said = SAID.get(code, b"" if code == 204 else b'{"ok":true}')
    values = {
        "code": code,
        "address": f"10.20.4.{rand.randrange(10, 20)}:8443",
        "duration": spent,
        "parts": parts,
        "response_headers": (
            JSON,
            ("content-length", str(len(said))),
            ("x-request-id", f"{rand.getrandbits(40):x}"),
        ),
        "response_body": said,
        "response_size": len(said),
    }
    return msgspec.convert({**msgspec.structs.asdict(Outcome(duration=spent)), **values, **fields}, Outcome)


REFUSED = Outcome(error=Failure.CONNECT, errno=111, address="203.0.113.40:80", duration=0.9)
TIMED_OUT = Outcome(error=Failure.TIMEOUT, duration=800, parts=Parts(dns=1, connect=24, tls=41, wait=734))
RESET = Outcome(error=Failure.RESET, duration=61, parts=Parts(connect=20, tls=30, wait=11))


def tried(
    rand: random.Random,
    task: Task,
    outcomes: Sequence[Outcome],
    ends: Status,
    reason: Reason | None = None,
    due: int = 0,
) -> Entry:
    """A task after attempts with the waits of the default schedule; it waits until `due` if it has not ended."""
    begins, ended, results = task.created_at + rand.randrange(4, 40), task.created_at, list[Result]()
    for number, outcome in enumerate(outcomes, 1):
        left = moved(task, attempts_left=task.max_attempts - number + 1)
        sent = request_of(left, None, begins, rand).headers
        finished = begins + max(1, round(outcome.duration))
        attempt = Attempt(
            number=number,
            started_at=begins,
            finished_at=finished,
            waited=begins - ended,
            outcome=msgspec.structs.replace(outcome, request_headers=sent),
        )
        results.append(_left(task, attempt))
        ended = finished
        begins = finished + round(WAITS[number - 1] * rand.uniform(1, 1.1)) if number < len(outcomes) else 0
    last = outcomes[-1]
    after = moved(
        task,
        status=ends,
        reason=reason,
        attempts_left=max(task.max_attempts - len(outcomes), 0),
        updated_at=ended,
        next_attempt_at=due or None,
        finished_at=None if due else ended,
        last_code=last.code,
        last_error=last.error,
    )
    return make_entry(after, results=tuple(results))


def _left(task: Task, attempt: Attempt) -> Result:
    """The attempt alone: of another version of the task, so that it changes nothing."""
    return Result(
        id=task.id,
        version=0,
        at=attempt.finished_at,
        status=Status.RETRYING,
        attempts_left=0,
        next_attempt_at=None,
        attempt=attempt,
    )


# --- what becomes of a task -------------------------------------------------------------------------------------------


def routine(rand: random.Random, flow: Flow, created: int) -> Entry:
    """Delivered: nearly always at once."""
    fine = answered(rand, rand.choice(flow.answers), flow.takes)
    luck = rand.random()
    before = [] if luck > 0.06 else [TIMED_OUT if luck < 0.01 else answered(rand, 502, 12)]
    return tried(rand, task_of(rand, flow, created), [*before, fine], Status.DELIVERED)


def third_time(rand: random.Random, flow: Flow, created: int) -> Entry:
    """Delivered by the third attempt."""
    outcomes = [TIMED_OUT, answered(rand, 502, 12), answered(rand, 200, flow.takes)]
    return tried(rand, task_of(rand, flow, created), outcomes, Status.DELIVERED)


def held(rand: random.Random, flow: Flow, created: int, now: int, attempts: int | None = None) -> Entry:
    """For a recipient that answers 503 and asks to wait."""
    count = rand.randrange(3) if attempts is None else attempts
    if count == 0 or created + 7 * MINUTE > now:
        return due(rand, flow, created)
    outcomes = [answered(rand, 503, 20, retry_after=HOUR) for _ in range(count)]
    return tried(rand, task_of(rand, flow, created), outcomes, Status.RETRYING, due=now + 18 * MINUTE)


def refused(rand: random.Random, flow: Flow, created: int, now: int, **fields: object) -> Entry:
    """For a recipient that refuses connections."""
    count = 1 + (now - created > 6 * MINUTE) + (now - created > 38 * MINUTE)
    task = task_of(rand, flow, created, **fields)
    return tried(rand, task, [REFUSED] * count, Status.RETRYING, due=now + rand.randrange(4, 110) * MINUTE)


def line(rand: random.Random, created: int, now: int) -> list[Entry]:
    """Three that go one after another; the first can't."""
    key = "client:40217"
    first = tried(
        rand,
        task_of(rand, TARIFF, created, order_key=key),
        [TIMED_OUT, REFUSED, REFUSED, REFUSED],
        Status.RETRYING,
        due=now + 28 * MINUTE,
    )
    return [first, *(due(rand, TARIFF, created + SECOND * after, order_key=key) for after in (40, 95))]


def due(rand: random.Random, flow: Flow, created: int, **fields: object) -> Entry:
    """No attempt yet."""
    return make_entry(task_of(rand, flow, created, **fields))


def spent(rand: random.Random, flow: Flow, created: int, *, patient: bool = False) -> Entry:
    """Failed after all its attempts: ten over three days, or two."""
    refusals = [answered(rand, 422, 246) for _ in range(10 if patient else 2)]
    if patient:
        refusals[2], refusals[5] = TIMED_OUT, answered(rand, 502, 12)
    task = task_of(rand, flow, created, max_attempts=len(refusals), attempts_left=len(refusals))
    if patient:
        told = Callback(
            url=f"{CRM}/api/outcomes", method="POST", http_method="POST", on=(Status.FAILED,), attempts=5
        )
        task = moved(task, callback=msgspec.json.encode(told, enc_hook=str))
    return tried(rand, task, refusals, Status.FAILED, Reason.ATTEMPTS_SPENT)


def stopped(rand: random.Random, flow: Flow, created: int) -> Entry:
    """Failed: the recipient wants no more of it."""
    return tried(
        rand,
        task_of(rand, flow, created),
        [answered(rand, 410, 90)],
        Status.FAILED,
        Reason.STOPPED_BY_RECIPIENT,
    )


def expired(rand: random.Random, flow: Flow, created: int) -> Entry:
    """Failed: there was no time for another attempt."""
    task = task_of(rand, flow, created, expires_at=created + 4 * MINUTE)
    return tried(rand, task, [TIMED_OUT, RESET], Status.FAILED, Reason.EXPIRED)


def blocked(rand: random.Random, flow: Flow, created: int) -> Entry:
    """Failed: nothing is sent to that address."""
    outcome = Outcome(error=Failure.BLOCKED, rule="metadata", duration=0.1)
    return tried(rand, task_of(rand, flow, created), [outcome], Status.FAILED, Reason.BLOCKED)


def postponed(rand: random.Random, flow: Flow, created: int, now: int) -> Entry:
    """Waits long enough to be cancelled."""
    return tried(rand, task_of(rand, flow, created), [TIMED_OUT], Status.RETRYING, due=now + HOUR)
