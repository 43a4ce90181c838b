"""Puts the description together: the table of routes says which calls there are, who may make them and what for."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol

import msgspec

from okydrom import __version__
from okydrom.web.caller import Role
from okydrom.web.cookie import COOKIE
from okydrom.web.openapi.call import JSON, Answer, Call, Parameter
from okydrom.web.openapi.calls import CALLS, kinds
from okydrom.web.openapi.shown import Problem
from okydrom.web.problems import STATUSES

PROBLEM = "application/problem+json"
REFERENCE = "#/components/schemas/{name}"
ANY = frozenset({400, 403, 421})  # whoever calls, whatever for: its head, its origin, its Host
GUARDED = frozenset({401, 429})
POSTING = frozenset({408, 413, 415, 422})
PLACES: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": "string", "format": "uuid"},
    "key": {"type": "string", "examples": ["http://127.0.0.1:9000"]},
}
PROBLEMS = frozenset(STATUSES.values()) - {500}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
ABOUT = (
    "Okydrom accepts notifications and delivers them: a task that was answered with 2xx is on stable storage, and is "
    "kept until its recipient has answered 2xx or its attempts are spent. Errors are problem documents (RFC 9457)."
)


class Described(Protocol):
    """What is looked at of a route."""

    @property
    def verb(self) -> str:
        """GET, POST…"""

    @property
    def path(self) -> str:
        """With its places in braces."""

    @property
    def roles(self) -> frozenset[Role]:
        """Who may; none: anybody."""

    @property
    def summary(self) -> str:
        """What it is for."""


def document(routes: Iterable[Described], prefix: str, *, asked: bool) -> bytes:
    """The JSON document of these routes below `prefix`; `asked`: access tokens are asked for.

    Raises KeyError for a route that nothing is said of in `calls`.
    """
    return _Document(list(routes), asked).of(prefix)


class _Document:
    """What is put together; `schemas` are references by type."""

    def __init__(self, routes: Sequence[Described], asked: bool) -> None:
        self._routes = routes
        self._asked = asked
        known = kinds()
        schemas, self._components = msgspec.json.schema_components(known, ref_template=REFERENCE)
        self._schemas = dict(zip(known, schemas, strict=True))
        for schema in self._components.values():
            if "description" in schema:
                schema["description"] = inspect.cleandoc(schema["description"]).replace("\n", " ")

    def of(self, prefix: str) -> bytes:
        """All of it, as JSON."""
        paths: dict[str, dict[str, Any]] = {}
        for route in self._routes:
            paths.setdefault(prefix + route.path, {})[route.verb.lower()] = self._operation(route)
        return msgspec.json.encode(
            {
                "openapi": "3.1.0",
                "info": {"title": "Okydrom", "version": __version__, "description": ABOUT},
                "servers": [{"url": "/"}],
                "paths": paths,
                "components": {
                    "schemas": self._components,
                    "responses": {str(status): self._problem(status) for status in sorted(PROBLEMS)},
                    "securitySchemes": {
                        "token": {"type": "http", "scheme": "bearer"},
                        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                    },
                },
            }
        )

    def _operation(self, route: Described) -> dict[str, Any]:
        call = CALLS[f"{route.verb} {route.path}"]
        guarded = self._asked and bool(route.roles)
        operation: dict[str, Any] = {
            "operationId": _name(route),
            "summary": route.summary,
            "parameters": [*_places(route.path), *map(_parameter, call.parameters)],
            "responses": self._responses(route, call, guarded),
        }
        if guarded:
            operation["description"] = f"For the roles {', '.join(sorted(route.roles))}."
            operation["security"] = [{"token": []}, {"session": []}]
        if call.body is not None:
            content = {
                media: {"schema": self._schemas.get(kind, {})} for media, kind in call.body.kinds.items()
            }
            operation["requestBody"] = {"required": call.body.needed, "content": content}
        return operation

    def _responses(self, route: Described, call: Call, guarded: bool) -> dict[str, Any]:
        answers = {status: self._answer(answer) for status, answer in call.answers.items()}
        for status in _refusals(route, call, guarded) - answers.keys():
            answers[status] = {"$ref": f"#/components/responses/{status}"}
        return {str(status): described for status, described in sorted(answers.items())}

    def _answer(self, answer: Answer) -> dict[str, Any]:
        described: dict[str, Any] = {"description": answer.about}
        if answer.kinds:
            schemas = [self._schemas[kind] for kind in answer.kinds]
            schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
            described["content"] = {answer.media: {"schema": schema}}
        elif answer.media != JSON:
            described["content"] = {answer.media: {}}
        for media in answer.also:
            described["content"][media] = {"schema": {"type": "string"}}
        if answer.leads is not None:
            described["links"] = self._links(answer.leads)
        if answer.headers:
            described["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
        return described

    def _links(self, path: str) -> dict[str, Any]:
        """To the calls about what was made: its id is in the answer."""
        return {
            _name(route): {"operationId": _name(route), "parameters": {"id": "$response.body#/id"}}
            for route in self._routes
            if route.path.startswith(path)
        }

    def _problem(self, status: int) -> dict[str, Any]:
        described: dict[str, Any] = {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM: {"schema": self._schemas[Problem]}},
        }
        return described | {"headers": RETRY_AFTER} if status in (429, 503) else described


def _refusals(route: Described, call: Call, guarded: bool) -> frozenset[int]:
    """The statuses that it may be refused with."""
    refusals = ANY | frozenset(call.problems)
    if guarded:
        refusals |= GUARDED
    if route.path.startswith("/api/"):
        refusals |= {422, 503}
    return refusals | POSTING if call.body is not None else refusals


def _name(route: Described) -> str:
    """Of the operation, for programs: `post_tasks_id_cancel`."""
    words = re.findall(r"\w+", route.path.removeprefix("/api/v1"))
    return "_".join([route.verb.lower(), *words])


def _places(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": PLACES[name]}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: Mapping[str, Any] = parameter.schema
    described: dict[str, Any] = {"name": parameter.name, "in": parameter.place}
    if parameter.many:
        schema = {"type": "array", "items": schema}
    if parameter.about:
        described["description"] = parameter.about
    if parameter.needed:
        described["required"] = True
    return described | {"schema": schema}
