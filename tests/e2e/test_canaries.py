"""What is secret stands nowhere that others look: in no log, error, list or catalogue, in no process's arguments."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from okydrom.web.routes import ROUTES
from tests.support.ledger import Answer, Ledger, listening
from tests.support.service import OKYDROM, Service, serving
from tests.support.wait import wait_until

ROLES = ("source", "viewer", "operator")
TOKENS = {role: f"canary-token-{role}-7c31" for role in ROLES}
SECRETS = (
    *TOKENS.values(),
    "canary-wrong-token",
    "canary-query",
    "canary-user",
    "canary-header",
    "canary-apikey",
    "canary-body",
    "canary-payload",
    "canary-method-header",
    "canary-method-query",
    "canary-signing-secret-0123456789",
    "canary-file-secret-0123456789-01",
    "canary-idempotency",
    "canary-cookie",
)
SEEN = "canary-event"  # the control: this one is public
NOWHERE = "http://127.0.0.1:1"
JSON = {"Content-Type": "application/json"}


METHOD = """
[methods.crm]
url = "http://127.0.0.1:1/m?canary-method-query"
headers = {{"X-Place" = "canary-method-header"}}
secrets = ["{secret}"]
secret_file = "{keys}"
"""


def signing(secret: str) -> str:
    """A secret as operators write it."""
    return f"whsec_{base64.b64encode(secret.encode()).decode()}"


class Watch:
    """All that was seen, by where."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}

    def see(self, where: str, text: bytes) -> None:
        """Keep it with what was seen there before."""
        self.texts[where] = self.texts.get(where, b"") + text + b"\n"

    def finds(self, secret: str) -> list[str]:
        """Where a secret stands, as it is or in base64."""
        encoded = [base64.b64encode(f"{'x' * lead}{secret}".encode())[4:-4] for lead in range(3)]
        forms = [secret.encode(), *encoded]
        return [where for where, text in self.texts.items() if any(form in text for form in forms)]


class Caller:
    """Calls the service and keeps every answer, heads included."""

    def __init__(self, session: aiohttp.ClientSession, service: Service, watch: Watch) -> None:
        self._session = session
        self._url = service.url
        self._watch = watch

    async def call(
        self, verb: str, path: str, data: Any = None, role: str = "operator", **headers: str
    ) -> tuple[int, bytes]:
        """Status and body; `data` is sent as JSON unless it is bytes already."""
        body = data if data is None or isinstance(data, bytes) else orjson.dumps(data)
        named = JSON | {"Authorization": f"Bearer {TOKENS[role]}"} if role else dict(JSON)
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(verb, self._url + path, data=body, headers=named) as answer:
            text = await answer.read()
            if not path.endswith("/body") and "Set-Cookie" not in answer.headers:
                heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
                self._watch.see(f"{verb} {path}", heads.encode() + b"\n" + text)
            return answer.status, text


def settings() -> Mapping[str, Mapping[str, Any]]:
    tokens = "\n".join(
        f"{role} {role} {hashlib.sha256(token.encode()).hexdigest()}" for role, token in TOKENS.items()
    )
    return {"auth": {"tokens_file": tokens}, "log": {"format": "json", "level": "debug"}}


@asynccontextmanager
async def guarded(directory: Path) -> AsyncIterator[Service]:
    """The real process with tokens in a file, and a method that carries secrets."""
    given = settings()
    file = directory / "tokens"
    file.touch(0o600)
    file.write_text(given["auth"]["tokens_file"])
    async with serving(directory, {**given, "auth": {"tokens_file": str(file)}}, start=False) as service:
        keys = directory / "keys"
        keys.touch(0o600)
        keys.write_text(signing("canary-file-secret-0123456789-01"))
        with service.config.open("a") as config:
            config.write(METHOD.format(secret=signing("canary-signing-secret-0123456789"), keys=keys))
        await service.start()
        yield service


def task(url: str, **fields: Any) -> dict[str, Any]:
    """A task with a secret wherever one may be."""
    return {
        "url": f"{url}/hook?key=canary-query",
        "headers": {"Authorization": "Basic canary-header", "X-Api-Key": "canary-apikey"},
        "payload": {"password": "canary-payload"},
        "event": SEEN,
        **fields,
    }


async def hand_in(caller: Caller, url: str) -> list[str]:
    """Ids of tasks of every fate: delivered, failed at the recipient, at the dial, with a method's secrets."""
    made = []
    texts = {name: value for name, value in task(url).items() if name != "payload"}
    for fields in (
        task(url),
        {**texts, "body": "canary-body", "max_attempts": 1},
        task(NOWHERE, max_attempts=2),
        task(NOWHERE, retry={"schedule": ["1h"]}),
        {"method": "crm", "event": SEEN, "payload": "canary-payload"},
    ):
        status, answer = await caller.call("POST", "/api/v1/tasks", fields)
        assert status == 202, answer
        made.append(str(orjson.loads(answer)["id"]))
    return made


async def fail(caller: Caller, made: str) -> None:
    """Everything that is refused and might quote what it was given."""
    for fields in (
        task("ftp://canary-user:canary-user@a"),
        task("http://u:canary-user@127.0.0.1:1"),
        task(NOWHERE, timeout="canary-body"),
        task(NOWHERE, retry={"schedule": ["canary-body"]}),
        task(NOWHERE, payload=1, body="canary-body"),
        task(NOWHERE, headers={"Authorization": "canary-header\n"}),
        task(NOWHERE, headers={"webhook-id": "canary-header"}),
        task(NOWHERE, body_base64="canary-body?"),
        task(NOWHERE, callback={"url": "canary-query", "on": ["failed"]}),
    ):
        assert (await caller.call("POST", "/api/v1/tasks", fields))[0] == 422
    broken = orjson.dumps(task(NOWHERE))[:-5]
    assert (await caller.call("POST", "/api/v1/tasks", broken))[0] == 400
    await caller.call("POST", "/api/v1/tasks", task(NOWHERE), Idempotency_Key="canary-idempotency")
    await caller.call("POST", "/api/v1/tasks", b"{", Idempotency_Key="canary-idempotency")
    await caller.call("PATCH", f"/api/v1/tasks/{made}", {"url": "canary-query://", "payload": "canary-body"})
    await caller.call("PATCH", f"/api/v1/tasks/{made}", {"headers": {"X-Api-Key": "canary-apikey\n"}})
    for _ in range(12):  # until it is slowed down
        await caller.call("GET", "/api/v1/tasks", role="", Authorization="Bearer canary-wrong-token")
    await caller.call("GET", "/api/v1/tasks", role="", Authorization="Basic canary-wrong-token")
    await caller.call("POST", "/api/v1/session", {"token": "canary-wrong-token"}, role="")
    await caller.call("POST", "/api/v1/session", {"tokens": TOKENS["viewer"]}, role="")
    await caller.call("GET", "/api/v1/tasks", role="", Cookie="okydrom_session=canary-cookie.1.x")


async def steer(caller: Caller, made: list[str]) -> None:
    """What operators do; its traces stand in histories and in the audit log."""
    edit = {"url": f"{NOWHERE}/other?key=canary-query", "headers": {"Authorization": "Basic canary-header"}}
    await caller.call("PATCH", f"/api/v1/tasks/{made[3]}", {**edit, "payload": "canary-payload"})
    await caller.call("POST", f"/api/v1/tasks/{made[3]}/retry", b"")
    await caller.call("POST", f"/api/v1/tasks/{made[3]}/resend", edit)
    await caller.call("POST", f"/api/v1/tasks/{made[3]}/cancel", b"")
    await caller.call("DELETE", f"/api/v1/tasks/{made[3]}")


async def steer_many(caller: Caller, made: list[str]) -> str:
    """The id of a bulk operation; what they set and rebase stands in their list and in the audit log."""
    told = {"callback": {"url": f"{NOWHERE}/told?key=canary-query", "on": ["failed"]}}
    key = "key=canary-query"
    bulk = ""
    for wanted in (
        {"set": {"headers": {"X-Api-Key": "canary-apikey"}, "url": f"{NOWHERE}/set?{key}"}},
        {"set": {"body": "canary-body", "payload": None} | told},
        {"set": {"payload": {"password": "canary-payload"}}},
        {"rebase": {"from": f"{NOWHERE}/hook?{key}", "to": f"{NOWHERE}/moved?{key}"}},
    ):
        operation = {"action": "resend", "ids": made[:3], **wanted}
        status, plan = await caller.call("POST", "/api/v1/bulk", {**operation, "dry_run": True})
        if status == 200:
            token = orjson.loads(plan)["token"]
            status, begun = await caller.call("POST", "/api/v1/bulk", {**operation, "token": token})
            assert status == 202, begun
            bulk = str(orjson.loads(begun)["id"])
    assert bulk
    return bulk


async def look(caller: Caller, made: list[str], bulk: str) -> None:
    """Every call that reads, by every role."""
    for route in ROUTES:
        if route.verb != "GET" or "/events" in route.path:
            continue
        for role in ROLES:
            ids = [bulk] if "/bulk/" in route.path else made
            for each in ids if "{id}" in route.path else ids[:1]:
                path = route.path.replace("{id}", each).replace("{key}", "http%3A%2F%2F127.0.0.1%3A1")
                await caller.call("GET", path, role=role)


async def check(service: Service, watch: Watch) -> None:
    """What the command line says of the settings, right and wrong ones."""
    right = service.config.read_text()
    wrong = right.replace("whsec_", "whsec-").replace('"X-Place"', '"X Place"').replace("127.0.0.1:1/m", "/m")
    broken = right.replace("[methods.crm]", "[methods.crm")
    for number, text in enumerate((right, wrong, broken)):
        file = service.config.with_name(f"config-{number}.toml")
        file.write_text(text)
        process = await asyncio.create_subprocess_exec(
            *(*OKYDROM, "check-config", "--config", str(file)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == (0 if text == right else 2), said
        watch.see(f"check-config {number}", said)


def arguments() -> bytes:
    """The command lines of all processes of this host."""
    found = b""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += path.read_bytes() + b"\n"
        except OSError:  # it ended
            continue
    return found


@pytest.mark.proof
async def test_no_secret_is_shown_to_anybody(tmp_path: Path, figure: Callable[[str], None]) -> None:
    watch = Watch()
    async with (
        listening(Ledger()) as ledger,
        guarded(tmp_path) as service,
        aiohttp.ClientSession() as session,
    ):
        ledger.answer = lambda arrival: Answer(204 if b"password" in arrival.body else 500)
        caller = Caller(session, service, watch)
        made = await hand_in(caller, f"http://127.0.0.1:{ledger.port}")
        assert await caller.call("POST", "/api/v1/session", {"token": TOKENS["viewer"]}, role="")

        async def attempted() -> bool:
            answers = [await caller.call("GET", f"/api/v1/tasks/{each}/attempts") for each in made]
            return all(orjson.loads(text)["items"] for _, text in answers)

        await wait_until(attempted, 20)
        await steer(caller, made)
        bulk = await steer_many(caller, made)
        await fail(caller, made[2])
        await look(caller, made, bulk)
        await check(service, watch)
        watch.see("process arguments", arguments())
        watch.see("server.json", (service.data / "server.json").read_bytes())
        watch.see("file names", b"\n".join(str(path).encode() for path in tmp_path.rglob("*")))
        await service.kill()
        await service.start()  # what a recovery says of what it finds
        await look(caller, made, bulk)
        await service.stop()
        watch.see("log", service.output.encode())
    assert {arrival.headers["x-api-key"] for arrival in ledger.arrivals} == {"canary-apikey"}
    assert "GET /api/v1/tasks" in watch.finds(SEEN)  # what is public is found
    assert "token_refused" in service.output
    assert {secret: watch.finds(secret) for secret in SECRETS if watch.finds(secret)} == {}
    figure(f"{len(SECRETS)} secrets, {len(watch.texts)} places, 0 found")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_that_is_shown_is_found(secret: str) -> None:
    watch = Watch()
    watch.see("nowhere", b"nothing")
    watch.see("plain", f"it is {secret}.".encode())
    for lead in range(3):
        watch.see(f"base64 {lead}", base64.b64encode(b"x" * lead + secret.encode() + b" and more"))
    assert watch.finds(secret) == ["plain", "base64 0", "base64 1", "base64 2"]
