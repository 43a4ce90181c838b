"""The description of the API: valid, complete, and true of what the calls answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from jsonschema.validators import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from okydrom.web.routes import ROUTES
from tests.support.inside import NOWHERE, Answered, Inside
from tests.support.wait import wait_until

KEY = "http%3A%2F%2F127.0.0.1%3A1"


async def described(service: Inside) -> Any:
    """The document."""
    answer = await service.call("GET", "/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    return answer.json


async def test_the_document_is_valid_and_lists_every_call(service: Inside) -> None:
    document = await described(service)
    OpenAPIV31SpecValidator(document).validate()
    listed = {(verb.upper(), path) for path, operations in document["paths"].items() for verb in operations}
    assert listed == {(route.verb, route.path) for route in ROUTES}


def conforms(document: Any, verb: str, path: str, answer: Answered) -> None:
    """Is this a status, and a body of the form, that the document promises?"""
    responses = document["paths"][path][verb.lower()]["responses"]
    assert str(answer.status) in responses, (verb, path, answer.status, answer.body)
    promised = responses[str(answer.status)]
    if "$ref" in promised:
        promised = document["components"]["responses"][str(answer.status)]
    kind = answer.headers["Content-Type"].partition(";")[0] if answer.body else None
    if kind is None or "schema" not in promised["content"][kind]:
        return
    schema = promised["content"][kind]["schema"] | {"components": document["components"]}
    faults = [error.message for error in Draft202012Validator(schema).iter_errors(answer.json)]
    assert faults == [], (verb, path, faults[:3], answer.body)


async def test_every_call_answers_as_it_is_described(service: Inside) -> None:
    document = await described(service)
    task = await service.create()
    await service.create(delay="1h", order_key="k", callback={"url": NOWHERE}, labels={"a": "b"})

    async def attempted() -> bool:
        return bool((await service.get(f"/tasks/{task}/attempts")).json["items"])

    await wait_until(attempted)
    small = orjson.dumps({"url": NOWHERE, "delay": "1h"})
    plan = orjson.dumps({"action": "cancel", "filter": {"event": "none"}, "dry_run": True})
    bodies = {
        "POST /api/v1/tasks": small,
        "PATCH /api/v1/tasks/{id}": b'{"event":"edited"}',
        "POST /api/v1/bulk": plan,
        "PATCH /api/v1/destinations/{key}": b'{"rate":5}',
        "POST /api/v1/destinations/{key}/pause": b'{"note":"x"}',
        "POST /api/v1/session": b'{"token":"x"}',
    }
    for route in ROUTES:
        path = route.path.replace("{id}", task).replace("{key}", KEY)
        body = bodies.get(f"{route.verb} {route.path}", None if route.verb == "GET" else b"")
        headers = {"Content_Type": "application/json"} if body else {}
        answer = await service.call(route.verb, path, body, **headers)
        assert answer.status < 500
        if not route.path.endswith("/body"):
            conforms(document, route.verb, route.path, answer)
        for bad in (path.replace(task, "0" * 8), f"{path}?unknown=1"):
            answer = await service.call(route.verb, bad, b"[1" if body else body, **headers)
            assert answer.status < 500
            conforms(document, route.verb, route.path, answer)
    for query, data in (("", b"[" + small + b"]"), ("?dry_run=1", small), ("", b"[{}]")):
        answer = await service.call("POST", f"/api/v1/tasks{query}", data, Content_Type="application/json")
        conforms(document, "POST", "/api/v1/tasks", answer)


async def test_what_is_not_as_described_is_noticed(service: Inside) -> None:
    document = await described(service)
    answer = await service.get("/tasks")
    document["components"]["schemas"]["Tasks"]["properties"]["items"] = {"type": "integer"}
    with pytest.raises(AssertionError, match="integer"):
        conforms(document, "GET", "/api/v1/tasks", answer)
