"""The page's colours can be told apart in both themes: text at 4.5:1, graphics at 3:1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "static" / "css" / "tokens.css").read_text("utf-8")
STATUSES = ("queued", "sending", "retrying", "delivered", "failed", "cancelled")
SURFACES = ("bg", "surface", "surface-2", "surface-3", "overlay")
TEXTS = ("text", "text-2", "text-3")
PARTS = ("dns", "connect", "tls", "wait", "read")
THEMES = ("light", "dark")

Pairs = list[tuple[str, ...]]


def colours(css: str) -> dict[str, tuple[str, str]]:
    """Every opaque colour by its name, in light and dark."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    return {name: (light, dark) for name, light, dark in found} | {"on-fill": ("#ffffff", "#ffffff")}


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it.

    >>> luminance("#000000"), round(luminance("#ffffff"), 6)
    (0.0, 1.0)
    """
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21.

    >>> round(ratio("#ffffff", "#000000"), 6)
    21.0
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def texts() -> Pairs:
    """What is read, on what."""
    pairs: Pairs = [*product((*TEXTS, "accent"), (*SURFACES, "accent-soft"))]
    for status in STATUSES:
        pairs += product((status,), (*SURFACES, "accent-soft", f"{status}-soft"))
        pairs += product(TEXTS, (f"{status}-soft",))
    return [*pairs, *product(("on-fill",), ("accent-fill", "accent-fill-hover", "danger-fill"))]


def graphics() -> Pairs:
    """What is seen, on what."""
    return [
        *product((f"{status}-mark" for status in STATUSES), ("bg", "surface")),
        *product(("line-control",), ("bg", "surface", "surface-2", "overlay")),
        *product((f"part-{part}" for part in PARTS), ("surface",)),
        *product(("accent",), SURFACES),
    ]


def too_faint(css: str, pairs: Pairs, least: float) -> list[str]:
    """The pairs that do not reach a contrast, in which theme."""
    known = colours(css)
    return [
        f"--{fore} on --{back}, {theme}: {found:.2f}"
        for fore, back in pairs
        for number, theme in enumerate(THEMES)
        if (found := ratio(known[fore][number], known[back][number])) < least
    ]


@pytest.mark.parametrize(("pairs", "least"), [(texts(), 4.5), (graphics(), 3.0)], ids=["text", "graphics"])
def test_colours_can_be_told_apart_in_both_themes(pairs: Pairs, least: float) -> None:
    assert len(pairs) > 20
    assert too_faint(TOKENS, pairs, least) == []


def test_a_colour_that_is_too_faint_is_found() -> None:
    faint = re.sub(r"--text-3: light-dark\(#\w{6}", "--text-3: light-dark(#aaaaaa", TOKENS)
    assert any(found.startswith("--text-3 on --bg, light") for found in too_faint(faint, texts(), 4.5))
