"""What may be meant by the beginning of a word in the filter box."""

from __future__ import annotations

from itertools import islice

from aiohttp import web

from okydrom.errors import Fault, Invalid
from okydrom.store.language import LABEL
from okydrom.web.answers import json_answer
from okydrom.web.draft import suggestion
from okydrom.web.keys import STORE, VOCABULARY
from okydrom.web.names import LABEL_LENGTH, LABEL_NAME_LENGTH, too_long
from okydrom.web.paging import check_names

FIELDS = ("destination", "source", "event", "label")  # the last for names of labels
MOST = 20  # values of one answer


async def index(request: web.Request) -> web.Response:
    """Values that begin so, in any case; most frequent first."""
    query = request.query
    check_names(query.items(), ("field", "prefix"))
    field, prefix = _field(query.get("field")), query.get("prefix", "")
    if len(prefix) > LABEL_LENGTH:
        raise Invalid([too_long("#prefix", LABEL_LENGTH)])
    known = await request.app[VOCABULARY].of(request.app[STORE], field)
    items = [{"value": each.value, "count": each.count} for each in islice(known.beginning(prefix), MOST)]
    return json_answer({"items": items, "looked_at": known.looked_at})


def _field(given: str | None) -> str:
    """Raises Invalid."""
    if given is None:
        raise Invalid([Fault("#field", "required", "It has to be said of which field.")])
    name = given.removeprefix(LABEL)
    if given not in FIELDS and (name == given or not 0 < len(name) <= LABEL_NAME_LENGTH):
        allowed = [*FIELDS, f"{LABEL}NAME"]
        near, params = suggestion(given, allowed)
        message = f"Must be one of {', '.join(allowed)}.{near}"
        raise Invalid([Fault("#field", "unknown_value", message, allowed=allowed, **params)])
    return given
