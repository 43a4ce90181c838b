"""A posted task as it is read: bytes → fields of the right type, or every fault of form at once.

One pass of a typed decoder does it for what is in order. What it refuses is read again generically, only to say what
is wrong, where, and what was probably meant. Text that is no UTF-8 and deep nesting are found before any decoder sees
them: the typed one would pass the former inside `payload`, and recurse over the latter.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_type_hints

import msgspec
import orjson

from okydrom.errors import BadRequest, Fault, Invalid

ABSENT = msgspec.Raw(b"")
MOST_FAULTS = 100


class Draft(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The posted object. None (`payload`: no bytes): not given."""

    url: str | None = None
    method: str | None = None
    payload: msgspec.Raw = ABSENT  # the exact bytes of any JSON value
    body: str | None = None
    body_base64: str | None = None
    content_type: str | None = None
    headers: dict[str, str] | None = None
    event: str | None = None
    labels: dict[str, str] | None = None
    max_attempts: int | None = None
    retry: dict[str, Any] | None = None
    timeout: int | float | str | None = None
    delay: int | float | str | None = None
    deliver_at: str | None = None
    ttl: int | float | str | None = None
    expires_at: str | None = None
    order_key: str | None = None
    callback: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(Draft).decode
_TYPES = get_type_hints(Draft)
_DURATION = 'a number of seconds or a duration such as "20s"'
_WANTED = {
    "callback": "an object",
    "delay": _DURATION,
    "ttl": _DURATION,
    "headers": "an object of texts",
    "labels": "an object of texts",
    "max_attempts": "a whole number",
    "retry": "an object",
    "timeout": _DURATION,
}
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def read_draft(data: bytes, depth: int) -> tuple[Draft, list[Fault]]:
    """The draft, and the faults of its form; the fields with faults are left out of it.

    `depth` is how deep the values of the object may nest. Raises BadRequest if it is not JSON at all, Invalid if
    it is not an object.
    """
    check_text(data, depth)
    try:
        return _decode(data), []
    except msgspec.ValidationError:
        return _explain(data)
    except msgspec.DecodeError as error:
        raise _not_json(data, error) from None


def nests_deeper(data: bytes, depth: int) -> bool:
    """Does JSON nest deeper than `depth`? Judged by its brackets outside of strings, without recursion.

    Of what is no JSON it may say anything; the decoder says that it is none.

    >>> nests_deeper(b'[["]]]"], {}]', 2), nests_deeper(b'[["]]]"], {}]', 1)
    (False, True)
    """
    if data.count(b"[") + data.count(b"{") <= depth:
        return False
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(data.split(b'"')[::2]).translate(_BRACKETS, _NO_BRACKETS)
    too_deep = b"[" * (depth + 1)
    while brackets and too_deep not in brackets:  # each round takes the innermost level away
        inner = brackets.replace(b"[]", b"")
        if len(inner) == len(brackets):
            return False
        brackets = inner
        depth -= 1
        too_deep = b"[" * (depth + 1)
    return bool(brackets)


def pointer_of(*names: str) -> str:
    """A JSON pointer (RFC 6901).

    >>> pointer_of("labels", "a/b")
    '/labels/a~1b'
    """
    return "".join("/" + name[:255].replace("~", "~0").replace("/", "~1") for name in names)


def suggestion(name: str, known: Iterable[str]) -> tuple[str, dict[str, str]]:
    """ " Did you mean …?" and the same as params; nothing if nothing is near."""
    near = difflib.get_close_matches(name[:64], known, 1)
    return (f" Did you mean {near[0]!r}?", {"suggestion": near[0]}) if near else ("", {})


def sentence(reason: str) -> str:
    """A reason such as "must be a text" as a sentence."""
    return f"{reason[:1].upper()}{reason[1:]}."


def check_text(data: bytes, depth: int) -> None:
    """What no decoder is to see. Raises BadRequest for nothing at all, for what is no UTF-8, for deep nesting."""
    if not data:
        raise BadRequest("The request has no body; a JSON object is expected.")
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise BadRequest("The body is not UTF-8.", byte=error.start) from None
    if nests_deeper(data, depth + 1):
        raise BadRequest(f"The body nests deeper than {depth} levels.", limit=depth)


def _not_json(data: bytes, error: msgspec.DecodeError) -> BadRequest:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError as located:
        return BadRequest(f"The body is not JSON: {located.msg}.", line=located.lineno, column=located.colno)
    return BadRequest(f"The body is not JSON: {error}.")


def _explain(data: bytes) -> tuple[Draft, list[Fault]]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            f"The body is not JSON: {error.msg}.", line=error.lineno, column=error.colno
        ) from None
    if not isinstance(value, dict):
        raise Invalid([Fault("", "wrong_type", "Must be an object.")])
    draft, faults = Draft(), list[Fault]()
    for name, item in value.items():
        if name == "payload":
            draft.payload = msgspec.Raw(b"null")
        elif name not in _TYPES:
            faults.append(_unknown(name))
        elif name in ("headers", "labels") and isinstance(item, dict):
            setattr(draft, name, _texts(name, item, faults))
        else:
            _take(draft, name, item, faults)
        if len(faults) >= MOST_FAULTS:
            break
    if not faults:
        raise BadRequest("The body can't be read.")
    return draft, faults


def _take(draft: Draft, name: str, item: object, faults: list[Fault]) -> None:
    try:
        setattr(draft, name, msgspec.convert(item, _TYPES[name]))
    except msgspec.ValidationError:
        faults.append(Fault(pointer_of(name), "wrong_type", f"Must be {_WANTED.get(name, 'a text')}."))


def _texts(field: str, items: dict[str, object], faults: list[Fault]) -> dict[str, str]:
    texts = {name: item for name, item in items.items() if isinstance(item, str)}
    wrong = [name for name in items if name not in texts][:MOST_FAULTS]
    faults.extend(Fault(pointer_of(field, name), "wrong_type", "Must be a text.") for name in wrong)
    return texts


def _unknown(name: str) -> Fault:
    near, params = suggestion(name, _TYPES)
    return Fault(pointer_of(name), "unknown_field", f"A task has no such field.{near}", **params)
