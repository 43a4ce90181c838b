"""What each call of the table takes and answers, by verb and path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from okydrom.web.events import KIND, LAST
from okydrom.web.export import CSV, NDJSON
from okydrom.web.idempotency import HEADER, LONGEST
from okydrom.web.openapi import figures, posted, shown, surroundings
from okydrom.web.openapi.call import JSON, Answer, Body, Call, Parameter
from okydrom.web.openapi.queries import (
    CURSOR,
    FIELD,
    LIMIT,
    ORDER,
    PREFIX,
    SEARCH,
    STATE,
    TASKS,
    TOPICS,
    WINDOW,
    filter_parameters,
)
from okydrom.web.patch import MERGE_PATCH

API = "/api/v1"
TASK = f"{API}/tasks/{{id}}"
BULK = f"{API}/bulk/{{id}}"

_KEYS = r'^([!#-~][!-~]{0,254}|"([ !#-\[\]-~]|\\["\\]){1,255}")$'
_FILTER = filter_parameters()
_IF_MATCH = Parameter(
    "If-Match",
    {"type": "string", "pattern": '^([*]|"[0-9]{1,18}")$'},
    "The `ETag` that the task has to have.",
    place="header",
)
_TRACE = Parameter("traceparent", {"type": "string"}, "W3C Trace Context; passed on.", place="header")
_PREFER = Parameter(
    "Prefer", {"type": "string", "examples": ["wait=5"]}, "Wait for the outcome.", place="header"
)
_KEY = Parameter(
    HEADER,
    {"type": "string", "pattern": _KEYS},
    f"Bare or a quoted string (RFC 8941), up to {LONGEST} characters.",
    place="header",
)
_DRY_RUN = Parameter("dry_run", {"enum": ["1", "true"]}, "Keep nothing, say what would become of it.")
_RANGE = Parameter("Range", {"type": "string", "examples": ["bytes=0-99"]}, place="header")
_LAST = Parameter(
    LAST,
    {"type": "string"},
    "The `id` of the last event that was got: what came since is told.",
    place="header",
)
_IF_NONE_MATCH = Parameter("If-None-Match", {"type": "string"}, place="header")

_PATCH = {MERGE_PATCH: posted.Patch, JSON: posted.Patch}
_TASK = Answer("The task.", shown.Details, headers=("ETag",))
_NOTED = Answer("Noted: the attempt under way decides.", shown.Details, headers=("ETag",))
_DESTINATION = Answer("The destination.", surroundings.Destination)
_ORDER = Call({200: _DESTINATION}, body=Body({JSON: posted.Nothing}, needed=False), problems=(404,))


def _shows(about: str, kind: object, *parameters: Parameter, problems: tuple[int, ...] = ()) -> Call:
    return Call({200: Answer(about, kind)}, parameters, problems=problems)


CALLS: Mapping[str, Call] = {
    f"POST {API}/tasks": Call(
        {
            200: Answer("After its first outcome, or of a dry run.", (shown.Details, shown.Rehearsal)),
            202: Answer(
                "Kept on stable storage.", (shown.Receipt, shown.Receipts), headers=("Location",), leads=TASK
            ),
        },
        (_DRY_RUN, _KEY, _PREFER, _TRACE),
        Body({JSON: posted.Draft | list[posted.Draft], NDJSON: None}),
        (429,),
    ),
    f"GET {API}/tasks": Call(
        {200: Answer("A page of tasks; or all of them, by `Accept`.", shown.Tasks, also=(NDJSON, CSV))},
        (*_FILTER, ORDER, LIMIT, CURSOR),
    ),
    f"GET {API}/tasks/count": _shows("How many.", shown.Counted, *_FILTER),
    f"GET {TASK}": Call({200: _TASK}, problems=(404,)),
    f"GET {TASK}/attempts": _shows("Oldest first.", shown.Attempts, problems=(404,)),
    f"GET {TASK}/body": Call(
        {
            200: Answer("Its exact bytes.", media="*/*", headers=("ETag",)),
            206: Answer("A part of them.", media="*/*", headers=("ETag", "Content-Range")),
            304: Answer("They are as they were.", headers=("ETag",)),
            416: Answer("Nothing of that range is there.", media="*/*", headers=("Content-Range",)),
        },
        (_RANGE, _IF_NONE_MATCH),
        problems=(404, 410),
    ),
    f"GET {TASK}/explain": _shows("Why, and what next.", shown.Explanation, problems=(404,)),
    f"PATCH {TASK}": Call({200: _TASK}, (_IF_MATCH,), Body(_PATCH), (404, 409, 412)),
    f"DELETE {TASK}": Call({200: _TASK}, (_IF_MATCH,), problems=(404, 409, 412)),
    f"POST {TASK}/cancel": Call({200: _TASK, 202: _NOTED}, (_IF_MATCH,), problems=(404, 409, 412)),
    f"POST {TASK}/retry": Call({200: _TASK}, (_IF_MATCH,), problems=(404, 409, 412)),
    f"POST {TASK}/resend": Call(
        {202: Answer("A new task.", shown.Receipt, headers=("Location",), leads=TASK)},
        (_IF_MATCH,),
        Body(_PATCH, needed=False),
        (404, 409, 412, 429),
    ),
    f"POST {API}/bulk": Call(
        {
            200: Answer("The plan.", surroundings.Plan),
            202: Answer("It is begun.", surroundings.Bulk, headers=("Location",), leads=BULK),
        },
        body=Body({JSON: posted.Operation}),
        problems=(409,),
    ),
    f"GET {API}/bulk": _shows("Newest first.", surroundings.Bulks, LIMIT, CURSOR),
    f"GET {BULK}": _shows("How far it has come.", surroundings.Bulk, problems=(404,)),
    f"DELETE {BULK}": _shows("What is done stays done.", surroundings.Bulk, problems=(404,)),
    f"GET {API}/statuses": _shows("The statuses.", surroundings.Statuses),
    f"GET {API}/methods": _shows("The methods.", surroundings.Methods),
    f"GET {API}/parameters": _shows("The settings.", surroundings.Parameters),
    f"GET {API}/destinations": _shows("By key.", surroundings.Destinations, STATE, SEARCH, LIMIT, CURSOR),
    f"GET {API}/destinations/{{key}}": Call({200: _DESTINATION}, problems=(404,)),
    f"PATCH {API}/destinations/{{key}}": Call(
        {200: _DESTINATION}, body=Body({JSON: posted.Limits, MERGE_PATCH: posted.Limits}), problems=(404,)
    ),
    f"POST {API}/destinations/{{key}}/pause": Call(
        {200: _DESTINATION}, body=Body({JSON: posted.Pause}, needed=False), problems=(404,)
    ),
    f"POST {API}/destinations/{{key}}/resume": _ORDER,
    f"POST {API}/destinations/{{key}}/release": _ORDER,
    f"POST {API}/destinations/{{key}}/probe": Call(_ORDER.answers, body=_ORDER.body, problems=(404, 409)),
    f"GET {API}/problems": _shows("Most tasks first.", figures.Problems, LIMIT),
    f"GET {API}/stats": _shows("How it stands.", figures.Stats, WINDOW),
    f"GET {API}/events": Call(
        {200: Answer("Server-sent events, until the client leaves.", media=KIND)},
        (TOPICS, TASKS, *_FILTER, _LAST),
    ),
    f"GET {API}/suggest": _shows("Most frequent first.", figures.Suggestions, FIELD, PREFIX),
    f"GET {API}/session": _shows("Who, and whom.", surroundings.Session),
    f"POST {API}/session": Call(
        {204: Answer("Signed in.", headers=("Set-Cookie",))},
        body=Body({JSON: posted.SignIn}),
        problems=(401, 409, 429),
    ),
    f"DELETE {API}/session": Call({204: Answer("Signed out.", headers=("Set-Cookie",))}),
    f"GET {API}/audit": _shows("Newest first.", surroundings.Audit, LIMIT, CURSOR),
    "GET /livez": _shows("It is.", surroundings.Alive),
    "GET /readyz": Call(
        {200: Answer("It does.", surroundings.Ready), 503: Answer("It does not.", surroundings.Ready)}
    ),
    "GET /metrics": Call(
        {200: Answer("In the format of Prometheus; by `Accept` in that of OpenMetrics.", media="text/plain")}
    ),
    "GET /openapi.json": Call({200: Answer("OpenAPI 3.1.", dict)}),
}


def kinds() -> Sequence[object]:
    """The types of all bodies."""
    found: list[object] = [shown.Problem]
    for call in CALLS.values():
        for answer in call.answers.values():
            found += answer.kinds
        if call.body is not None:
            found += [kind for kind in call.body.kinds.values() if kind is not None]
    return found
