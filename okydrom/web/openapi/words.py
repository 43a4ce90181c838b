"""Texts and numbers of a certain form, as both posted and shown objects have them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from okydrom.web.names import EVENT_LENGTH, LABEL_LENGTH, LABEL_NAME_LENGTH, ORDER_KEY_LENGTH

UUID7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

Id = Annotated[
    str, Meta(pattern=UUID7, description="UUIDv7.", examples=["01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"])
]
Time = Annotated[
    str,
    Meta(
        description="RFC 3339, UTC, milliseconds.",
        examples=["2026-01-31T12:00:00.000Z"],
        extra_json_schema={"format": "date-time"},
    ),
]
Seconds = Annotated[float, Meta(ge=0, description="Seconds.")]
Count = Annotated[int, Meta(ge=0)]
Json = Annotated[Any, Meta(description="Any JSON.")]
Span = Annotated[str, Meta(pattern="^ *[0-9].*[A-Za-z] *$", examples=["5s"])]
Duration = Annotated[
    int | float | Span, Meta(description="A number of seconds, or a text with a unit: ms s m min h d.")
]
Key = Annotated[
    str, Meta(description="scheme://host:port of a recipient.", examples=["http://127.0.0.1:9000"])
]
Url = Annotated[
    str,
    Meta(
        min_length=1,
        description="http or https, without user name and fragment.",
        examples=["http://127.0.0.1:9000/hook"],
        extra_json_schema={"format": "uri"},
    ),
]
Event = Annotated[str, Meta(min_length=1, max_length=EVENT_LENGTH)]
OrderKey = Annotated[str, Meta(min_length=1, max_length=ORDER_KEY_LENGTH)]
LabelName = Annotated[str, Meta(min_length=1, max_length=LABEL_NAME_LENGTH)]
Label = Annotated[str, Meta(max_length=LABEL_LENGTH)]
Pair = tuple[str, str]  # name and value of a header
