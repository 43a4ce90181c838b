"""A source sees nothing of another's tasks, whichever call it makes and in whatever form it asks for the answer."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from okydrom.config.settings import Token
from okydrom.web.caller import Role
from okydrom.web.routes import ROUTES, Route
from tests.support.inside import Answered, Inside, inside

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
