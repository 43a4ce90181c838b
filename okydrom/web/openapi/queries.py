"""The parameters of lists."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from okydrom.delivery.condition import State
from okydrom.intake.window import USUAL_WINDOW, WINDOWS
from okydrom.store.language import LABEL
from okydrom.store.query import FIELDS, PHRASE, Field
from okydrom.store.values import LONGEST, code_range, destination, flag, id_text, moment, text, whole
from okydrom.task import Failure, Group, Reason, Status
from okydrom.web.names import LABEL_LENGTH, LABEL_NAME_LENGTH
from okydrom.web.openapi.call import Parameter
from okydrom.web.paging import LONGEST_CURSOR, MOST, USUAL_LIMIT
from okydrom.web.suggest import FIELDS as SUGGESTED
from okydrom.web.wish import MOST_TASKS, Topic

_WORDS: dict[str, type[StrEnum]] = {"status": Status, "group": Group, "reason": Reason, "error": Failure}
_FORMS: dict[Callable[[str, int], Any], dict[str, Any]] = {
    text: {"type": "string", "maxLength": LONGEST},
    destination: {"type": "string", "examples": ["http://127.0.0.1:9000"]},
    code_range: {"type": "string", "examples": ["503", "5xx"]},
    id_text: {"type": "string", "examples": ["01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"]},
    moment: {"type": "string", "examples": ["2026-01-31T12:00:00Z", "-24h"]},
    whole: {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    flag: {"type": "boolean"},
}

LIMIT = Parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL_LIMIT})
CURSOR = Parameter(
    "cursor",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_CURSOR},
    "`next` or `prev` of the answer before.",
)
ORDER = Parameter("order", {"enum": ["newest", "oldest"], "default": "newest"}, "What comes first.")
STATE = Parameter("state", {"enum": list(State)}, many=True)
TOPICS = Parameter("topics", {"enum": list(Topic)}, "What to hear of; all, if none is named.", many=True)
TASKS = Parameter("task", _FORMS[id_text], f"Ids of tasks to hear of, up to {MOST_TASKS}.", many=True)
WINDOW = Parameter("window", {"enum": list(WINDOWS), "default": USUAL_WINDOW}, "How long, up to now.")
FIELD = Parameter(
    "field",
    {"type": "string", "pattern": f"^({'|'.join(SUGGESTED)}|label[.].{{1,{LABEL_NAME_LENGTH}}})$"},
    "`label` stands for the names of labels.",
    needed=True,
)
PREFIX = Parameter("prefix", {"type": "string", "maxLength": LABEL_LENGTH}, "In any case.")
SEARCH = Parameter("q", {"type": "string"}, "A part of the key.")


def filter_parameters() -> tuple[Parameter, ...]:
    """What tasks are filtered by; `label.NAME` is one for each name. What is left empty filters nothing."""
    phrase = Parameter(PHRASE, {"type": "string"}, "The same and free text, in the language of filters.")
    labels = Parameter(
        "labels",
        {
            "type": "object",
            "patternProperties": {
                f"^{LABEL.replace('.', '[.]')}.+$": {"type": "string", "maxLength": LONGEST}
            },
            "additionalProperties": False,
            "examples": [{"label.tenant": "acme"}],
        },
        "Parameters of the form `label.NAME`, each with the value that the label has.",
    )
    return (*(_parameter(name, field) for name, field in FIELDS.items()), labels, phrase)


def _parameter(name: str, field: Field) -> Parameter:
    if name in _WORDS:
        return Parameter(name, {"enum": list(_WORDS[name])}, many=True)
    return Parameter(name, _FORMS[field.read], many=field.many)
