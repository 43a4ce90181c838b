"""The table of the proofs: it counts as passed only what ran and held."""

from typing import Any, Literal

import pytest

from tests.proof.table import Table, name_of

KILLS = "tests/e2e/test_kills.py::test_nothing_is_lost"


def report(
    nodeid: str,
    outcome: Literal["passed", "failed", "skipped"] = "passed",
    when: Literal["setup", "call", "teardown"] = "call",
    figures: tuple[str, ...] = (),
) -> pytest.TestReport:
    properties = [("figure", figure) for figure in figures]
    longrepr: Any = ("", 0, "") if outcome == "skipped" else None
    return pytest.TestReport(nodeid, ("", 0, ""), {}, outcome, longrepr, when, user_properties=properties)


def table(*reports: pytest.TestReport) -> Table:
    made = Table()
    for each in reports:
        made.pytest_runtest_logreport(each)
    return made


def test_a_proof_has_a_name_a_figure_and_a_verdict() -> None:
    lines = table(report(KILLS, figures=("20 kills",))).text().splitlines()
    assert lines[2].split() == ["kills:", "nothing", "is", "lost", "20", "kills", "yes"]
    assert lines[-1] == "1 passed, 0 failed"


def test_cases_of_one_proof_are_one_row() -> None:
    made = table(
        report(f"{KILLS}[1]", figures=("1 hanging",)), report(f"{KILLS}[50]", figures=("50 hanging",))
    )
    assert "1 hanging; 50 hanging" in made.text()
    assert made.text().endswith("1 passed, 0 failed")


@pytest.mark.parametrize(
    "bad",
    [
        report(f"{KILLS}[2]", "failed"),
        report(f"{KILLS}[2]", "failed", "setup"),
        report(f"{KILLS}[2]", "failed", "teardown"),
        report(f"{KILLS}[2]", "skipped"),
    ],
    ids=["failed", "set-up failed", "tear-down failed", "skipped"],
)
def test_what_failed_or_did_not_run_has_not_passed(bad: pytest.TestReport) -> None:
    made = table(report(f"{KILLS}[1]"), bad, report("tests/unit/test_a.py::test_b"))
    assert made.failed == 1
    assert made.text().endswith("1 passed, 1 failed")


def test_a_file_that_can_t_be_read_has_not_passed() -> None:
    made = Table()
    made.pytest_collectreport(pytest.CollectReport("tests/unit/test_a.py", "failed", None, None))
    assert made.text().endswith("0 passed, 1 failed")


def test_a_long_name_is_wrapped() -> None:
    name = name_of(f"tests/e2e/test_kills.py::test_{'_'.join(['word'] * 30)}")
    text = table(report(f"tests/e2e/test_kills.py::test_{'_'.join(['word'] * 30)}")).text()
    assert text.count("word") == 30
    assert len(name) > 60
