"""The examples of a document: what its shell blocks call, and what it says they answer."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(
    r"`(?P<code>[1-5]\d\d)(?: [A-Z][A-Za-z ]*)?`|^HTTP/1\.1 (?P<shown>\d{3})|# (?P<noted>[1-5]\d\d)\b"
)


@dataclass(frozen=True)
class Example:
    """One shell block that calls curl. `statuses` are those the document states for it, one per call or none."""

    line: int
    script: str
    statuses: tuple[int, ...]


def examples(document: str) -> list[Example]:
    """The examples in their order.

    A status is stated behind a call (`# 202`), else by what follows the block up to the next heading or shell block:
    the first status in backticks, or an answer shown with its status line.
    """
    blocks = list(_FENCE.finditer(document))
    shells = [
        block for block in blocks if block["language"] == "sh" and re.search(r"\bcurl\b", block["text"])
    ]
    found = []
    for number, block in enumerate(shells):
        end = shells[number + 1].start() if number + 1 < len(shells) else len(document)
        following = re.split(r"^#+ ", document[block.end() : end], maxsplit=1, flags=re.MULTILINE)[0]
        statuses = _statuses(block["text"]) or _statuses(following)[:1]
        found.append(Example(document.count("\n", 0, block.start()) + 2, block["text"], statuses))
    return found


def _statuses(text: str) -> tuple[int, ...]:
    matches = (_STATUS.match(line, place) for line in text.splitlines() for place in range(len(line)))
    return tuple(int(match["code"] or match["shown"] or match["noted"]) for match in matches if match)
