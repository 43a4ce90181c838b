"""Failures as problem documents (RFC 9457). The only place that knows which failure is which HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from okydrom import errors
from okydrom.web.answers import json_answer

# By class: the nearest ancestor that stands here decides.
STATUSES: Mapping[type[errors.OkydromError], int] = {
    errors.OkydromError: 500,
    errors.BadRequest: 400,
    errors.Invalid: 422,
    errors.NotFound: 404,
    errors.Erased: 410,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.Unauthorized: 401,
    errors.Forbidden: 403,
    errors.WrongHost: 421,
    errors.TooLarge: 413,
    errors.WrongMediaType: 415,
    errors.TooSlow: 408,
    errors.Unavailable: 503,
    errors.JournalFailed: 503,
    errors.StoreFailed: 503,
}
MOST_FAULTS = 100
RETRY_AFTER = 5  # s; of a 503 that names no time itself

# aiohttp's own refusals that have a word in our tree; the others are named by their HTTP phrase.
_KNOWN: Mapping[int, type[errors.OkydromError]] = {
    400: errors.BadRequest,
    404: errors.NotFound,
    413: errors.TooLarge,
    415: errors.WrongMediaType,
}


def status_of(kind: type[errors.OkydromError]) -> int:
    """The HTTP status of a class of failure.

    >>> status_of(errors.CrossSite), status_of(errors.DiskFull)
    (403, 503)
    """
    return next(STATUSES[ancestor] for ancestor in kind.__mro__ if ancestor in STATUSES)


def error_json(error: errors.OkydromError) -> dict[str, Any]:
    """The problem document of a failure, as it stands within an answer to many."""
    kind = type(error)
    document = _document(status_of(kind), error.code, errors.first_line(kind), error.detail, error.params)
    if isinstance(error, errors.Invalid):
        document["errors"] = [fault.as_dict() for fault in error.faults[:MOST_FAULTS]]
    if isinstance(error, errors.NoneAccepted):
        document["items"] = error.items
    return document


def problem(error: errors.OkydromError, request_id: str) -> web.Response:
    """The answer to a failure."""
    document = error_json(error) | {"request_id": request_id}
    status = document["status"]
    headers = {"Content-Type": "application/problem+json"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="okydrom"'
    if status in (429, 503):
        headers["Retry-After"] = str(getattr(error, "retry_after", RETRY_AFTER))
    return json_answer(document, status, headers)


def problem_of_http(error: web.HTTPException, request_id: str) -> web.Response:
    """The answer to a refusal of aiohttp's own; its headers, such as `Allow`, are kept."""
    status = error.status
    known = _KNOWN.get(status)
    if known is not None:
        code, title = known.code, errors.first_line(known)
    else:
        title = HTTPStatus(status).phrase
        code = title.lower().replace(" ", "_")
    document = _document(status, code, title, HTTPStatus(status).description or title, {})
    document["request_id"] = request_id
    headers = {"Content-Type": "application/problem+json"}
    if "Allow" in error.headers:
        headers["Allow"] = error.headers["Allow"]
    return json_answer(document, status, headers)


def _document(status: int, code: str, title: str, detail: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": f"urn:okydrom:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "params": params,
    }
