"""The table of the proofs: a pytest plugin that gathers what each one showed."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

WIDTH = 60


@dataclass
class Row:
    """One proof. It passed if every case of it ran and none failed: a proof that did not run shows nothing."""

    name: str
    figures: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Did all of it hold?"""
        return not self.faults


class Table:
    """Gathers reports; cases of one parametrised test are one row."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    @property
    def failed(self) -> int:
        """How many did not hold."""
        return sum(not row.passed for row in self.rows.values())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """pytest's hook: after set-up, call and tear-down of each test."""
        row = self.rows.setdefault(report.nodeid.partition("[")[0], Row(name_of(report.nodeid)))
        if report.when == "call":
            row.figures += [str(value) for key, value in report.user_properties if key == "figure"]
        if report.skipped:
            row.faults.append("skipped")
        elif report.failed:
            row.faults.append(f"failed in {report.when}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that can't be read hides its proofs."""
        if report.failed:
            self.rows[report.nodeid] = Row(report.nodeid, faults=["can't be collected"])

    def text(self) -> str:
        """The table, and the line that counts."""
        lines = [f"{'proof':{WIDTH}}  {'figure':{WIDTH}}  passed", "-" * (2 * WIDTH + 10)]
        for row in self.rows.values():
            lines += _lines(row)
        return "\n".join([*lines, "", f"{len(self.rows) - self.failed} passed, {self.failed} failed"])


def name_of(nodeid: str) -> str:
    """What a proof is called, from its file and its function.

    >>> name_of("tests/e2e/test_kills.py::test_nothing_acknowledged_is_lost[5]")
    'kills: nothing acknowledged is lost'
    """
    path, *_, test = nodeid.partition("[")[0].split("::")
    stem = path.rpartition("/")[2].removesuffix(".py").removeprefix("test_")
    return f"{stem}: {test.removeprefix('test_')}".replace("_", " ")


def _lines(row: Row) -> Iterator[str]:
    names = textwrap.wrap(row.name, WIDTH)
    figures = textwrap.wrap("; ".join(dict.fromkeys(row.figures)) or "–", WIDTH)
    for number in range(max(len(names), len(figures))):
        name = names[number] if number < len(names) else ""
        figure = figures[number] if number < len(figures) else ""
        verdict = ("yes" if row.passed else f"NO, {row.faults[0]}") if number == 0 else ""
        yield f"{name:{WIDTH}}  {figure:{WIDTH}}  {verdict}".rstrip()
