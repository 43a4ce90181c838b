"""The pictures that the documents show."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 150_000  # bytes of one
NAMED = re.compile(r"docs/pictures/([\w.-]+)")


def test_readme_shows_every_picture_and_none_that_is_not_there() -> None:
    named = set(NAMED.findall((ROOT / "README.md").read_text("utf-8")))
    assert named == {path.name for path in (ROOT / "docs/pictures").iterdir()}
    assert len(named) == 4


def test_pictures_are_small_enough_for_a_document() -> None:
    for path in (ROOT / "docs/pictures").iterdir():
        data = path.read_bytes()
        assert (data[:4], data[8:12]) == (b"RIFF", b"WEBP"), path.name
        assert len(data) < MOST, path.name
