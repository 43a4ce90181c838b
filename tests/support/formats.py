"""What schemathesis is told beside the description of the API (SCHEMATHESIS_HOOKS): such as a schema can't say.

URLs lead nowhere but to this host; what contradicts itself is left out of most bodies, so that tasks come about.
"""

import hashlib
import re
from typing import Any

import schemathesis
from hypothesis import strategies

HOSTS = ("127.0.0.1:1", "localhost:1", "[::1]:1")
PATHS = ("", "/", "/hook", "/a%2fb?c=%7e&d", "/~x//y/../z", "/\u00fc")
VERBS = ("POST", "PUT", "PATCH", "DELETE", "GET")
EITHER = (("payload", "body", "body_base64"), ("delay", "deliver_at"), ("ttl", "expires_at"))
CREATE = "/api/v1/tasks"
EVENTS = "/api/v1/events"
BULK = "/api/v1/bulk"
KEY = "Idempotency-Key"
TIME = re.compile(r"^\d{4}-")

schemathesis.openapi.format(
    "uri",
    strategies.builds(
        "{}://{}{}".format,
        strategies.sampled_from(("http", "https", "HTTP")),
        strategies.sampled_from(HOSTS),
        strategies.sampled_from(PATHS),
    ),
)


@schemathesis.hook
def before_load_schema(_: Any, schema: dict[str, Any]) -> None:
    """A dry run answers whatever it is asked, and keeps nothing that later calls could be about. Events are left out:
    they never end, and schemathesis wants whole answers."""
    schema["paths"].pop(EVENTS, None)
    create = schema["paths"].get(CREATE, {}).get("post", {"parameters": []})
    create["parameters"] = [each for each in create["parameters"] if each["name"] != "dry_run"]


@schemathesis.hook
def map_case(_: Any, case: Any) -> Any:
    """Make what a schema allows such as may be taken: tasks, plans, a key of its own for each request."""
    called, body = (case.method.upper(), case.path), case.body
    if called == ("POST", CREATE):
        case.body = [_task(each) for each in body] if isinstance(body, list) else _task(body)
        if KEY in (case.headers or {}) and case.headers[KEY].isalnum():
            case.headers[KEY] = hashlib.sha256(repr(case.body).encode("utf-8", "replace")).hexdigest()
    elif called == ("POST", BULK) and isinstance(body, dict):
        case.body = _plan(body)
    return case


def _task(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    task = dict(given)
    for names in EITHER:
        for name in [name for name in names if task.get(name) is not None][1:]:
            del task[name]
    for name in ("deliver_at", "expires_at"):
        if isinstance(task.get(name), str):
            task[name] = TIME.sub("2027-", task[name])
    if isinstance(task.get("method"), str) and task["method"] not in VERBS:
        del task["method"]
    if isinstance(task.get("retry"), dict) and "schedule" in task["retry"]:
        task["retry"] = {"schedule": task["retry"]["schedule"]}
    return task


def _plan(given: dict[str, Any]) -> dict[str, Any]:
    plan = dict(given)
    if plan.get("filter") is not None:
        plan.pop("ids", None)
    if plan.get("action") not in ("edit", "resend"):
        plan.pop("set", None)
        plan.pop("rebase", None)
    if plan.get("dry_run") is True:
        plan.pop("token", None)
    return plan
