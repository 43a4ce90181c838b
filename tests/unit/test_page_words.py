"""What the service answers with by code is said on the page in words, in both languages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from okydrom import errors
from okydrom.web.problems import STATUSES

JS = Path(__file__).parents[2] / "static" / "js"
OF_BATCHES = {"none_accepted", "too_many"}  # the page sends one task at a time
DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def words(lang: str) -> set[str]:
    """Keys of a dictionary with its chapters."""
    files = [JS / f"{lang}.js", *(JS / lang).glob("*.js")]
    return {
        key for file in files for key in re.findall(r'^  "([\w.]+)":', file.read_text("utf-8"), re.MULTILINE)
    }


def kinds(above: type[errors.OkydromError]) -> Iterator[type[errors.OkydromError]]:
    """A class of failure and all below it that the service has; tests make some of their own."""
    if above.__module__ == errors.__name__:
        yield above
    for below in above.__subclasses__():
        yield from kinds(below)


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_failure_that_is_answered_has_words(lang: str) -> None:
    answered = {kind.code for top in STATUSES if top is not errors.OkydromError for kind in kinds(top)}
    assert len(answered) > 20
    assert {code for code in answered - OF_BATCHES if f"error.{code}" not in words(lang)} == set()


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_every_reason_for_passing_a_task_over_has_words(lang: str) -> None:
    (listed,) = re.findall(r"`skipped` counts by reason(.*?)\.\n", DOCS, re.DOTALL)
    reasons = set(re.findall(r"`(\w+)`", listed))
    assert {"status", "sending", "rebase", "unchanged"} < reasons
    assert {reason for reason in reasons if f"passed_over.{reason}" not in words(lang)} == set()
