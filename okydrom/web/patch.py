"""JSON merge patches (RFC 7396) as they are posted."""

from __future__ import annotations

import msgspec

from okydrom.delivery.edit import Edit
from okydrom.errors import BadRequest, Fault, Invalid
from okydrom.web.draft import check_text

MERGE_PATCH = "application/merge-patch+json"

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_any = msgspec.json.Decoder().decode


def read_edit(data: bytes, depth: int) -> Edit:
    """The edit; its fields are looked at when it meets its task. Raises BadRequest, or Invalid if it is no object.

    >>> read_edit(b'{"url": "http://a/"}', 64).patch["url"] == msgspec.Raw(b'"http://a/"')
    True
    """
    check_text(data, depth)
    try:
        _any(data)  # a raw field is not looked into
        return Edit(_fields(data))
    except msgspec.ValidationError:
        raise Invalid([Fault("", "wrong_type", "Must be an object.")]) from None
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
