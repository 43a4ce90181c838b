"""What a method adds to a delivery, in the whole service: signatures, stop codes, traces; and nothing that leaks."""

import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from okydrom.config.secrets import parse_secret
from okydrom.config.settings import DestinationSettings, MethodSettings
from okydrom.task import Schedule
from tests.support.certificates import Authority
from tests.support.inside import inside
from tests.support.proxy import proxying
from tests.support.raw import hear, raw, say, stay
from tests.support.recipient import Arrival, Recipient, receiving
from tests.support.wait import wait_until

SECRETS = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + base64.b64encode(bytes(range(40))).decode())
ASYMMETRIC = "whsk_" + base64.b64encode(bytes(range(32))).decode()
PAYLOADS = [
    b'{"big":18446744073709551616,"one":1.0,"nul":"\\u0000"}',
    b'[ 1e400 , 0.1, -0, "\\ud83d\\ude00" ]',
    '"й"'.encode(),
    b"null",
]


@pytest.fixture
async def recipient() -> AsyncIterator[Recipient]:
    async with receiving() as found:
        yield found


def method(**fields: object) -> MethodSettings:
    return MethodSettings(**fields)  # type: ignore[arg-type]


def sealed(*texts: str, **fields: object) -> MethodSettings:
    return method(secrets=tuple(map(parse_secret, texts)), hosts=("127.0.0.1",), **fields)


def genuine(secret: str, arrival: Arrival, body: bytes | None = None) -> bool:
    try:
        Webhook(secret).verify(
            arrival.body if body is None else body, dict(arrival.headers), json_parse=False
        )
    except WebhookVerificationError:
        return False
    return True


@pytest.mark.proof
async def test_every_attempt_is_signed_anew_over_the_very_octets(
    tmp_path: Path, recipient: Recipient, figure: Callable[[str], None]
) -> None:
    """An independent verifier agrees with both secrets of a rotation; the control: any change is noticed."""
    methods = {"crm": sealed(*SECRETS, retry=Schedule((1_100,)))}  # longer than the stamp's second
    async with inside(tmp_path, methods=methods) as service:
        for number, payload in enumerate(PAYLOADS):
            url = f"{recipient.url}/fail-then-ok?n=1&key={number}".encode()
            posted = b'{"method":"crm","url":"%b","payload":%b}' % (url, payload)
            answer = await service.post(posted)
            assert answer.status == 202, answer.body
        await wait_until(lambda: len(recipient.arrivals) == 2 * len(PAYLOADS), 15)
    tasks = {arrival.header("webhook-id") for arrival in recipient.arrivals}
    assert len(tasks) == len(PAYLOADS)
    for task_id in tasks:
        first, second = [each for each in recipient.arrivals if each.header("webhook-id") == task_id]
        assert first.body == second.body
        assert first.body in PAYLOADS
        assert int(first.header("webhook-timestamp") or 0) < int(second.header("webhook-timestamp") or 0)
        assert first.header("webhook-signature") != second.header("webhook-signature")
        for arrival in (first, second):
            assert [genuine(secret, arrival) for secret in SECRETS] == [True, True]
            assert not genuine(SECRETS[0], arrival, arrival.body + b" ")
            assert not genuine("whsec_" + base64.b64encode(bytes(32)).decode(), arrival)
    figure(f"{len(recipient.arrivals)} attempts of {len(tasks)} tasks verified with both secrets")


async def test_nothing_is_signed_without_a_secret(tmp_path: Path, recipient: Recipient) -> None:
    async with inside(tmp_path, methods={"crm": method()}) as service:
        await service.create(url=f"{recipient.url}/ok", method="crm")
        await service.create(url=f"{recipient.url}/ok")
        await wait_until(lambda: len(recipient.arrivals) == 2)
    assert [arrival.header("webhook-signature") for arrival in recipient.arrivals] == [None, None]


async def test_a_method_with_secrets_goes_nowhere_else(tmp_path: Path) -> None:
    async with inside(tmp_path, methods={"crm": sealed(SECRETS[0])}) as service:
        answer = await service.post(b'{"method":"crm","url":"http://localhost:9/"}')
        assert answer.faults == [("/url", "host_not_permitted")]


async def test_methods_tell_how_many_secrets_they_have_and_nothing_of_them(
    tmp_path: Path, recipient: Recipient
) -> None:
    url = f"{recipient.url}/ok?key=canary"
    methods = {"crm": sealed(*SECRETS, ASYMMETRIC, url=url, headers=(("X-Key", "canary"),)), "bare": method()}
    async with inside(tmp_path, methods=methods) as service:
        task_id = await service.create(url=url, method="crm")
        await service.reaches(task_id, "delivered")
        answer = await service.get("/methods")
        attempts = await service.get(f"/tasks/{task_id}/attempts")
    shown = {item["name"]: item for item in answer.json["items"]}
    assert (shown["crm"]["signed"], shown["bare"]["signed"], shown["POST"]["signed"]) == (3, 0, 0)
    assert shown["crm"]["url"] == f"{recipient.url}/ok?***"
    assert list(shown["crm"]) == [
        *("name", "http_method", "url", "builtin", "timeout", "max_attempts", "signed", "description")
    ]
    for secret in (*SECRETS, ASYMMETRIC, "canary"):
        assert secret.partition("_")[2].encode() not in answer.body or not secret.partition("_")[2]
        assert b"canary" not in answer.body + attempts.body
    assert ["webhook-signature", "***"] in attempts.json["items"][0]["request_headers"]


@pytest.mark.parametrize(
    ("fate", "stops", "status", "reason"),
    [
        ("404", frozenset({404}), "failed", "stopped_by_recipient"),
        ("410", frozenset(), "failed", "stopped_by_recipient"),
        ("404", frozenset({403}), "retrying", None),
        ("200", frozenset({404}), "delivered", None),
    ],
)
async def test_a_stop_code_of_the_method_ends_a_task(
    tmp_path: Path, recipient: Recipient, fate: str, stops: frozenset[int], status: str, reason: str | None
) -> None:
    async with inside(tmp_path, methods={"crm": method(stop_codes=stops)}) as service:
        task_id = await service.create(url=f"{recipient.url}/{fate}", method="crm")
        await service.reaches(task_id, status)
        task = await service.task(task_id)
    assert (task["reason"], task["attempts"]) == (reason, 1)


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (b"500 No\r\nwebhook-delivery: abort-message", "failed", "stopped_by_recipient"),
        (b"302 No\r\nWebhook-Delivery:  Abort-Message ", "failed", "stopped_by_recipient"),
        (b"429 No\r\nRetry-After: 9\r\nwebhook-delivery: abort-message", "failed", "stopped_by_recipient"),
        (
            b"500 No\r\n" + b"X-Y: z\r\n" * 100 + b"webhook-delivery: abort-message",
            *("failed", "stopped_by_recipient"),
        ),
        (b"200 OK\r\nwebhook-delivery: abort-message", "delivered", None),
        (b"500 No\r\nwebhook-delivery: go-on", "retrying", None),
        (b"500 No\r\nX-webhook-delivery: abort-message", "retrying", None),
    ],
)
async def test_a_recipient_may_ask_for_no_further_attempt(
    tmp_path: Path, answer: bytes, status: str, reason: str | None
) -> None:
    script = [hear(), say(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n"), stay()]
    async with raw(script) as recipient, inside(tmp_path) as service:
        task_id = await service.create(url=recipient.url)
        await service.reaches(task_id, status)
        task = await service.task(task_id)
    assert (task["reason"], task["attempts"]) == (reason, 1)


async def test_a_destination_has_its_own_way(tmp_path: Path) -> None:
    authority = Authority()
    authority.write(tmp_path / "ca.pem")
    async with receiving(context=authority.serve("127.0.0.1")) as recipient:
        destinations = {recipient.url: DestinationSettings(ca_file=tmp_path / "ca.pem")}
        async with inside(tmp_path, destinations=destinations) as service:
            await service.reaches(await service.create(url=f"{recipient.url}/ok"), "delivered")
    assert len(recipient.arrivals) == 1


async def test_a_task_from_before_takes_no_new_credentials_elsewhere(
    tmp_path: Path, recipient: Recipient
) -> None:
    """Accepted while the method carried nothing, sent when it does."""
    async with inside(tmp_path, methods={"crm": method()}) as service:
        task_id = await service.create(url=f"{recipient.url}/500", method="crm")
        await service.reaches(task_id, "retrying")
    held = method(hosts=("crm.internal",), secrets=(parse_secret(SECRETS[0]),))
    async with inside(tmp_path, methods={"crm": held}) as service:
        assert (await service.call("POST", f"/api/v1/tasks/{task_id}/retry")).status == 200
        await service.reaches(task_id, "failed")
        attempts = (await service.get(f"/tasks/{task_id}/attempts")).json["items"]
        assert (await service.task(task_id))["reason"] == "blocked"
    assert (attempts[-1]["outcome"], attempts[-1]["rule"]) == ("blocked", "method crm")
    assert len(recipient.arrivals) == 1


async def test_a_task_whose_method_is_gone_is_not_sent_without_its_signature(
    tmp_path: Path, recipient: Recipient
) -> None:
    crm = sealed(SECRETS[0], retry=Schedule((200,)))
    async with inside(tmp_path, methods={"crm": crm}) as service:
        task_id = await service.create(url=f"{recipient.url}/ok", method="crm", delay="1s", retry=None)
    async with inside(tmp_path) as service:
        task = await service.reaches(task_id, "failed")
        (attempt,) = (await service.get(f"/tasks/{task_id}/attempts")).json["items"]
    assert (task["reason"], attempt["outcome"], attempt["rule"]) == ("blocked", "blocked", "method crm")
    assert recipient.arrivals == []
    async with inside(tmp_path, methods={"crm": crm}) as service:
        await service.call("POST", f"/api/v1/tasks/{task_id}/retry")
        await service.reaches(task_id, "delivered")
    assert genuine(SECRETS[0], recipient.arrivals[0])


async def test_the_tasks_of_a_method_go_its_way(tmp_path: Path, recipient: Recipient) -> None:
    async with proxying() as proxy:
        crm = method(proxy=f"http://127.0.0.1:{proxy.port}")
        async with inside(tmp_path, methods={"crm": crm}) as service:
            for fields in ({"method": "crm"}, {}):
                task_id = await service.create(url=f"{recipient.url}/ok", **fields)
                await service.reaches(task_id, "delivered")
        assert len(proxy.asked) == 1


async def test_a_method_s_certificate_goes_nowhere_but_to_its_hosts(tmp_path: Path) -> None:
    Authority().identify("client", tmp_path / "client.pem", tmp_path / "client.key")
    files = {"client_cert_file": tmp_path / "client.pem", "client_key_file": tmp_path / "client.key"}
    crm = method(url="https://crm.internal/", **files)
    async with inside(tmp_path, methods={"crm": crm}) as service:
        answer = await service.post(b'{"method":"crm","url":"https://127.0.0.1:1/"}')
        assert answer.status == 422, answer.body
