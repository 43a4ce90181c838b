"""Dry runs: whom they tell what, and that they keep nobody waiting and nothing at all."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from okydrom.config.secrets import parse_secret
from okydrom.config.settings import MethodSettings, Token
from okydrom.delivery.resolver import Names
from okydrom.web import dryrun
from tests.support.inside import NOWHERE, Answered, Inside, inside

PATH = "/api/v1/tasks?dry_run=1"
SECRET = "whsec_" + base64.b64encode(b"canary-canary-canary-canary").decode()


async def rehearse(service: Inside, token: str | None = None, **fields: Any) -> Answered:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return await service.call("POST", PATH, orjson.dumps(fields), Content_Type="application/json", **headers)


async def test_a_source_is_not_told_where_names_lead(tmp_path: Path) -> None:
    tokens = tuple(
        Token(role, role, hashlib.sha256(role.encode()).hexdigest())
        for role in ("source", "viewer", "operator")
    )
    async with inside(tmp_path, auth={"tokens": tokens}) as service:
        for url in (NOWHERE, "http://localhost/", "http://169.254.169.254/"):
            told = await rehearse(service, "source", url=url)
            assert (told.status, told.json["valid"], told.json["addresses"]) == (200, True, [])
            assert (await rehearse(service, "operator", url=url)).json["addresses"]
        assert (await rehearse(service, "viewer", url=NOWHERE)).status == 403


async def test_a_name_that_nobody_resolves_does_not_hold_the_answer_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mute(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Names, "addresses", mute)
    monkeypatch.setattr(dryrun, "RESOLVING", 0.2)
    async with inside(tmp_path) as service, asyncio.timeout(5):
        told = await rehearse(service, url="http://mute.example/")
        assert (told.status, told.json["valid"], told.json["addresses"]) == (200, True, [])


async def test_what_a_method_carries_and_its_signature_are_masked(tmp_path: Path) -> None:
    crm = MethodSettings(url=NOWHERE, headers=(("X-Plain", "canary"),), secrets=(parse_secret(SECRET),))
    async with inside(tmp_path, methods={"crm": crm}) as service:
        told = await rehearse(service, method="crm", payload=1, headers={"X-Mine": "1", "Cookie": "canary"})
        headers = {name.lower(): value for name, value in told.json["headers"]}
        assert (headers["x-plain"], headers["webhook-signature"], headers["cookie"]) == ("***", "***", "***")
        assert (headers["x-mine"], headers["content-type"]) == ("1", "application/json")
        assert b"canary" not in told.body
        assert (await service.get("/tasks/count")).json["total"] == 0


async def test_a_dry_run_leaves_an_idempotency_key_free(tmp_path: Path) -> None:
    body = orjson.dumps({"url": NOWHERE, "retry": {"schedule": ["1h"]}})
    async with inside(tmp_path) as service:
        kept = {"Content_Type": "application/json", "Idempotency_Key": "k"}
        assert (await service.call("POST", PATH, body, **kept)).status == 200
        answer = await service.post(body, Idempotency_Key="k")
        assert (answer.status, answer.json["duplicate"]) == (202, False)


async def test_a_schedule_ends_with_the_deadline(tmp_path: Path) -> None:
    async with inside(tmp_path) as service:
        fields: dict[str, Any] = {"url": NOWHERE, "retry": {"schedule": ["10s"]}, "max_attempts": 100}
        told = await rehearse(service, ttl="25s", **fields)
        assert [row["attempt"] for row in told.json["schedule"]] == [1, 2, 3]
        assert len((await rehearse(service, **fields)).json["schedule"]) == 100
