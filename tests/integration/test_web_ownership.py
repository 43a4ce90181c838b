"""A source sees nothing of another's tasks, whichever call it makes and in whatever form it asks for the answer."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from okydrom.config.settings import Token
from okydrom.web.caller import Role
from okydrom.web.routes import ROUTES, Route
from tests.support.inside import Answered, Inside, inside
from tests.support.wait import wait_until

SECRETS = {"crm": "oky_crm", "shop": "oky_shop", "anna": "oky_anna"}
ROLES = {"crm": Role.SOURCE, "shop": Role.SOURCE, "anna": Role.OPERATOR}
TOKENS = tuple(
    Token(name, ROLES[name].value, hashlib.sha256(secret.encode()).hexdigest())
    for name, secret in SECRETS.items()
)
FORMS = ("application/json", "application/x-ndjson", "text/csv")
QUERIES = ("", "?source=shop", "?source=shop,crm", "?event=marker", "?label.who=marker", "?q=marker")
OPEN = [route for route in ROUTES if Role.SOURCE in route.roles]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, auth={"tokens": TOKENS}) as running:
        yield running


async def call(service: Inside, who: str, verb: str, path: str, **headers: str) -> Answered:
    body = None if verb == "GET" else b"{}"
    named = {"Authorization": f"Bearer {SECRETS[who]}", "Content_Type": "application/json"} | headers
    return await service.call(verb, path, body, **named)


async def create(service: Inside, who: str) -> str:
    fields = {
        "url": "http://127.0.0.1:1/marker",
        "event": "marker",
        "labels": {"who": "marker"},
        "retry": {"schedule": ["1h"]},
        "body": "marker",
    }
    answer = await service.post(orjson.dumps(fields), Authorization=f"Bearer {SECRETS[who]}")
    assert answer.status == 202, answer.body
    return str(answer.json["id"])


@pytest.mark.parametrize("route", OPEN, ids=lambda route: f"{route.verb} {route.path}")
async def test_another_source_s_task_is_not_there(service: Inside, route: Route) -> None:
    theirs = await create(service, "shop")
    path = route.path.replace("{id}", theirs)
    for form, query in itertools.product(FORMS, QUERIES if route.verb == "GET" else ("",)):
        answer = await call(service, "crm", route.verb, path + query, Accept=form)
        if "{id}" in route.path and not query:
            assert answer.status == 404
        assert answer.status < 500
        assert b"marker" not in answer.body.replace(query.encode(), b"")
        assert b"127.0.0.1:1" not in answer.body
        assert theirs.encode() not in answer.body


async def test_an_operator_s_own_look_finds_the_marker(service: Inside) -> None:
    """The control of the test above."""
    await create(service, "shop")
    for query in ("", "?source=shop", "?event=marker", "?label.who=marker"):
        assert b"marker" in (await call(service, "anna", "GET", f"/api/v1/tasks{query}")).body
        assert b"marker" in (await call(service, "shop", "GET", f"/api/v1/tasks{query}")).body


async def test_what_others_met_at_a_destination_is_not_told(service: Inside) -> None:
    mine = await create(service, "crm")
    key = quote("http://127.0.0.1:1", safe="")
    await call(service, "anna", "POST", f"/api/v1/destinations/{key}/pause")
    noted = b'{"note": "marker"}'
    headers = {"Authorization": f"Bearer {SECRETS['anna']}", "Content_Type": "application/json"}
    assert (await service.call("POST", f"/api/v1/destinations/{key}/pause", noted, **headers)).status == 200

    async def paused(who: str) -> Any:
        why = (await call(service, who, "GET", f"/api/v1/tasks/{mine}/explain")).json["why"]
        return next(said["params"] for said in why if said["code"] == "destination_paused")

    assert ((await paused("anna"))["note"], (await paused("anna"))["by"]) == ("marker", "anna")
    assert ((await paused("crm"))["note"], (await paused("crm"))["by"]) == (None, None)


async def test_of_the_rule_that_refused_it_a_source_is_told_the_kind(tmp_path: Path) -> None:
    async with inside(tmp_path, auth={"tokens": TOKENS}, recipients={"deny": ("127.0.0.0/8",)}) as service:
        mine = await create(service, "crm")

        async def rule(who: str) -> Any:
            items = (await call(service, who, "GET", f"/api/v1/tasks/{mine}/attempts")).json["items"]
            return items[0]["rule"] if items else None

        await wait_until(lambda: rule("anna"))
        assert (await rule("anna"), await rule("crm")) == ("deny 127.0.0.0/8", "deny")
