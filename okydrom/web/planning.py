"""A posted bulk operation as it is read, with all its faults at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from okydrom.delivery.egress import parse_url
from okydrom.delivery.plan import Plan, Rebase
from okydrom.errors import Fault, Invalid
from okydrom.store.command import Action
from okydrom.web.draft import pointer_of, suggestion
from okydrom.web.patch import read_edit

MOST_IDS = 200
FASTEST = 10_000  # tasks a second
FIELDS = ("action", "filter", "ids", "set", "rebase", "rate", "dry_run", "token")
CHANGING = frozenset({Action.EDIT, Action.RESEND})

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)


class Posted(msgspec.Struct, frozen=True):
    """A plan, to be shown first (`token` None) or to be carried out."""

    plan: Plan
    token: str | None


def read_bulk(data: bytes, depth: int) -> Posted:
    """The operation; neither its filter nor what it sets is looked into.

    Raises BadRequest, or Invalid with all faults.
    """
    raw = read_edit(data, depth).patch
    faults = [_unknown(name) for name in raw if name not in FIELDS]
    given = {name: msgspec.json.decode(value) for name, value in raw.items() if name in FIELDS}
    given = {name: value for name, value in given.items() if value is not None}
    reader = _Reader(given, faults)
    action = reader.action()
    plan = {
        "filter": reader.filter(),
        "ids": reader.ids(),
        "patch": msgspec.json.decode(raw["set"], type=dict[str, msgspec.Raw])
        if reader.changes("set")
        else UNSET,
        "rebase": reader.rebase(),
        "rate": reader.rate(),
    }
    reader.check_whole()
    token = reader.token()
    if faults or action is None:
        raise Invalid(faults)
    return Posted(Plan(action=action, **plan), token)


class _Reader:
    """Reads the fields, each once; what is wrong is added to `faults`."""

    def __init__(self, given: Mapping[str, Any], faults: list[Fault]) -> None:
        self._given = given
        self._faults = faults

    def action(self) -> Action | None:
        """What is to be done."""
        value = self._given.get("action")
        if value is None:
            self._fault("/action", "required", "It has to be said what is to be done.")
        elif value not in list(Action):
            self._fault("/action", "unknown_value", f"Must be of {', '.join(Action)}.", allowed=list(Action))
        else:
            return Action(value)
        return None

    def filter(self) -> Any:
        """By what the tasks are found."""
        value = self._given.get("filter", UNSET)
        if value is not UNSET and not isinstance(value, dict):
            self._fault("/filter", "wrong_type", "Must be an object.")
        for name, inner in value.items() if isinstance(value, dict) else ():
            if not _plain(inner) and not (
                name == "label" and isinstance(inner, dict) and all(map(_plain, inner.values()))
            ):
                message = "Must be a text, a number, true or false, or a list of texts."
                self._fault(pointer_of("filter", name), "wrong_type", message)
        return value

    def ids(self) -> Any:
        """Which tasks they are."""
        value = self._given.get("ids", UNSET)
        if value is UNSET:
            return value
        if not isinstance(value, list) or not 0 < len(value) <= MOST_IDS:
            self._fault("/ids", "wrong_type", f"Must be a list of 1 to {MOST_IDS} ids.", max=MOST_IDS)
            return UNSET
        for place, each in enumerate(value):
            if not isinstance(each, str) or not _ID.fullmatch(each.lower()):
                self._fault(f"/ids/{place}", "invalid_value", "Must be the id of a task.")
        return tuple(str(each).lower() for each in value)

    def changes(self, field: str) -> bool:
        """Is there an object of this name, which changes tasks?"""
        value = self._given.get(field)
        if value is None:
            return False
        if not isinstance(value, dict):
            self._fault(f"/{field}", "wrong_type", "Must be an object.")
            return False
        if self._given.get("action") not in list(CHANGING):  # it may be anything, hashable or not
            self._fault(f"/{field}", "conflict", "Only an edit or a resend changes tasks.")
        return True

    def rebase(self) -> Any:
        """Which beginning of URLs becomes which."""
        if not self.changes("rebase"):
            return UNSET
        value = self._given["rebase"]
        if value.keys() != {"from", "to"} or not all(
            isinstance(each, str) and each for each in value.values()
        ):
            self._fault("/rebase", "wrong_type", 'Must be {"from": a beginning of URLs, "to": another}.')
            return UNSET
        try:
            parse_url(value["to"], "/rebase/to")
        except Invalid as invalid:
            self._faults += invalid.faults
        return Rebase(value["from"], value["to"])

    def rate(self) -> Any:
        """Tasks a second, at most."""
        value = self._given.get("rate", UNSET)
        if value is UNSET:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= FASTEST:
            message = f"Must be a number of tasks a second, more than 0 and at most {FASTEST}."
            self._fault("/rate", "out_of_range", message, max=FASTEST)
            return UNSET
        return float(value)

    def check_whole(self) -> None:
        """What has to go together, and what can't."""
        given = self._given
        if ("filter" in given) == ("ids" in given):
            self._fault("", "required", "Either a filter or ids are needed.")
        if given.get("action") == Action.EDIT and not ("set" in given or "rebase" in given):
            self._fault("/set", "required", "An edit needs what it sets, or a rebase.")
        if "rebase" in given and isinstance(given.get("set"), dict) and "url" in given["set"]:
            self._fault("/set/url", "conflict", "It can't be set beside a rebase.")

    def token(self) -> str | None:
        """That of the plan which is to be carried out; None: a dry run."""
        dry, token = self._given.get("dry_run", False), self._given.get("token")
        if not isinstance(dry, bool):
            self._fault("/dry_run", "wrong_type", "Must be true or false.")
        elif dry == (token is not None):
            self._fault("", "required", "Either a dry_run or the token of one is needed.")
        if token is not None and not isinstance(token, str):
            self._fault("/token", "wrong_type", "Must be a text.")
        return token

    def _fault(self, pointer: str, code: str, message: str, **params: Any) -> None:
        self._faults.append(Fault(pointer, code, message, **params))


def _plain(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str | int | float) for each in value)
    return isinstance(value, str | int | float)


def _unknown(name: str) -> Fault:
    near, params = suggestion(name, FIELDS)
    return Fault(pointer_of(name), "unknown_field", f"A bulk operation has no such field.{near}", **params)
