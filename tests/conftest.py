"""What all tests share: the size and the chance of a proof, and the figure it shows."""

from collections.abc import Callable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of scripts/proof; plain pytest understands them too."""
    group = parser.getgroup("proofs")
    group.addoption(
        "--rounds", type=int, help="how often a proof repeats what it tries (default: a size for CI)"
    )
    group.addoption("--seed", type=int, default=1, help="what a proof's chance starts from (default: 1)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A size that was asked for takes the time it takes."""
    if config.getoption("rounds") is not None:
        for item in items:
            item.add_marker(pytest.mark.timeout(0), append=False)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How often to try: the number asked for, else the one given here, which CI has time for."""
    asked: int | None = request.config.getoption("rounds")
    return lambda usual: usual if asked is None else asked


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """What a proof's `random.Random` starts from, so that a failure can be repeated."""
    asked: int = request.config.getoption("seed")
    return asked


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tells what a proof measured, for the table of scripts/proof; may be called several times."""
    return lambda text: record_property("figure", text)
