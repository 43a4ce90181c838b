"""Failures as problem documents: every failure has a status, every document the same members."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from aiohttp import web

from okydrom import errors
from okydrom.web.problems import MOST_FAULTS, problem, problem_of_http, status_of


def tree(kind: type[errors.OkydromError] = errors.OkydromError) -> Iterator[type[errors.OkydromError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


def document(response: web.Response) -> Any:
    assert response.content_type == "application/problem+json"
    return json.loads(cast(bytes, response.body))


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_every_failure_has_a_status_a_code_and_a_sentence(kind: type[errors.OkydromError]) -> None:
    error = kind([]) if issubclass(kind, errors.Invalid | errors.ConfigError) else kind()
    response = problem(error, "r-1")
    made = document(response)
    assert made["status"] == response.status == status_of(kind)
    assert made["code"] == kind.code
    assert made["title"] == errors.first_line(kind)
    assert made["title"].endswith(".")
    assert made["request_id"] == "r-1"
    assert ("Retry-After" in response.headers) is (response.status in (429, 503))


def test_no_two_failures_share_a_code() -> None:
    kinds = list(tree())
    assert len({kind.code for kind in kinds}) == len(kinds)


@pytest.mark.parametrize(
    "kind", [kind for kind in tree() if status_of(kind) == 500], ids=lambda kind: kind.__name__
)
def test_only_faults_of_the_process_are_500(kind: type[errors.OkydromError]) -> None:
    assert kind in (
        errors.OkydromError,
        errors.ConfigError,
        errors.DataInUse,
        errors.DataUnusable,
        errors.AddressTaken,
    )


def test_faults_are_listed_and_cut_off() -> None:
    faults = [
        errors.Fault(f"/f{n}", "unknown_field", "No.", suggestion="url") for n in range(MOST_FAULTS + 1)
    ]
    made = document(problem(errors.Invalid(faults), ""))
    assert made["errors"][0] == {
        "pointer": "/f0",
        "code": "unknown_field",
        "message": "No.",
        "params": {"suggestion": "url"},
    }
    assert len(made["errors"]) == MOST_FAULTS


def test_when_to_come_again_is_said() -> None:
    assert problem(errors.DiskFull(retry_after=17), "").headers["Retry-After"] == "17"
    assert problem(errors.JournalFailed(), "").headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (web.HTTPNotFound(), "not_found"),
        (web.HTTPMethodNotAllowed("PUT", ["GET", "POST"]), "method_not_allowed"),
        (web.HTTPRequestEntityTooLarge(10), "too_large"),
        (web.HTTPExpectationFailed(), "expectation_failed"),
    ],
)
def test_refusals_of_the_server_look_the_same(error: web.HTTPException, code: str) -> None:
    response = problem_of_http(error, "r-2")
    made = document(response)
    assert (made["code"], made["status"], made["request_id"]) == (code, error.status, "r-2")
    assert response.headers.get("Allow") == error.headers.get("Allow")
