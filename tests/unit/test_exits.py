"""What the process says last fits what ended it."""

import pytest

from okydrom.errors import DataUnusable, DiskFull, OkydromError, StoreBusy, Unavailable
from okydrom.server.exits import exit_code, last_words


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (DiskFull(), "Make space"),
        (StoreBusy(), "let go of it"),
        (Unavailable(), "later"),
        (DataUnusable(), "writable"),
    ],
)
def test_a_directory_that_can_not_be_used_comes_with_advice_that_fits(
    error: OkydromError, advice: str
) -> None:
    assert exit_code(error) == 4
    assert advice in last_words(error)
