"""Figures, and the tables they are printed in. Speed is judged here, as text, and nowhere else."""

from collections.abc import Sequence
from statistics import median

import msgspec

HEADINGS = ("", "bare", "okydrom", "ratio", "target", "")


class Target(msgspec.Struct, frozen=True):
    """A bound that a figure (or, with `of_ratio`, its ratio to the yardstick) should keep."""

    sign: str  # ≥ ≤ <
    bound: float
    of_ratio: bool = False

    def met(self, value: float) -> bool:
        """Does the value keep it?

        >>> Target("≥", 1.3).met(1.3), Target("<", 10).met(10), Target("≤", 60).met(59.2)
        (True, False, True)
        """
        if self.sign == "≥":
            return value >= self.bound
        return value < self.bound if self.sign == "<" else value <= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {plain(self.bound)}{' ×' if self.of_ratio else ''}"


class Figure(msgspec.Struct, frozen=True):
    """One figure: its value in each round, and the yardstick's in the rounds paired with them."""

    name: str
    values: Sequence[float]
    yardstick: Sequence[float] = ()
    target: Target | None = None

    @property
    def ratio(self) -> float | None:
        """The median of the ratios of the pairs."""
        pairs = zip(self.values, self.yardstick, strict=False)
        ratios = [value / against for value, against in pairs if against]
        return median(ratios) if ratios else None

    @property
    def judged(self) -> float | None:
        """What the target speaks of."""
        if self.target is not None and self.target.of_ratio:
            return self.ratio
        return median(self.values)

    def row(self) -> tuple[str, ...]:
        """Its cells under HEADINGS."""
        against = plain(median(self.yardstick)) if self.yardstick else ""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        target = verdict = ""
        if self.target is not None:
            target = str(self.target)
            verdict = "met" if self.judged is not None and self.target.met(self.judged) else "MISSED"
        return (self.name, against, plain(median(self.values)), ratio, target, verdict)


def plain(number: float) -> str:
    """A number as a reader wants it: three digits or more, no exponent.

    >>> plain(12345.6), plain(0.4567), plain(98.76), plain(3), plain(1.3)
    ('12,346', '0.457', '98.8', '3', '1.3')
    """
    if number == int(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    if abs(number) >= 100:
        return f"{number:.0f}"
    return f"{number:.3g}"


def table(title: str, figures: Sequence[Figure]) -> str:
    """The figures below each other; columns that are empty throughout are left out."""
    rows = [HEADINGS, *(figure.row() for figure in figures)]
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    lines = [title, ""]
    for row in zip(*columns, strict=True):
        name, *cells = row
        aligned = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *aligned]).rstrip())
    return "\n".join([*lines, ""])


def summary(figures: Sequence[Figure]) -> str:
    """The last line: how many targets are met, and which are not."""
    rows = [figure.row() for figure in figures if figure.target is not None]
    missed = [row[0] for row in rows if row[-1] != "met"]
    text = f"{len(rows) - len(missed)} of {len(rows)} targets met"
    return f"{text}; missed: {'; '.join(missed)}" if missed else text
