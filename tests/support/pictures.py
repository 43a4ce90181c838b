"""Pictures of the operator's page as it stands over realistic data.

python -m tests.support.pictures FOLDER [--only WORD] [--docs]

Each screen in each language, theme and width goes into the folder as SCREEN-LANGUAGE-THEME-WIDTH.png; `--docs` makes
those that the documents show, `--only` those whose name has a word in it.
"""

import argparse
import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from playwright.async_api import Browser, expect

from tests.support.api import calling
from tests.support.browser import Watched, chromium, watching
from tests.support.flows import INVOICE, MERGED, ORDER, TARIFF, shown
from tests.support.history import Known
from tests.support.scene import Scene, playing
from tests.support.staging import STAGED, Stage
from tests.support.wait import linger

QUALITY = 90  # of 100
HEIGHTS = {1440: 940, 390: 844}  # by width
FRESH = (ORDER, MERGED, INVOICE, ORDER, TARIFF, MERGED)  # handed in while the documents' pictures are taken
SCALES = {1440: 1, 390: 2}


class Look(NamedTuple):
    """How a page is looked at."""

    lang: Literal["en", "ru"]
    theme: Literal["light", "dark"]
    width: int


LOOKS = [
    Look(lang, theme, width)
    for lang in get_args(Look.__annotations__["lang"])
    for theme in get_args(Look.__annotations__["theme"])
    for width in HEIGHTS
]
# What the documents show.
DOCS: tuple[tuple[str, str, Look], ...] = (
    ("overview", "/", Look("en", "light", 1440)),
    ("tasks", "/tasks", Look("en", "dark", 1440)),
    ("task", "/tasks/{failed}", Look("ru", "light", 1440)),
    ("narrow", "/", Look("en", "light", 390)),
)


def screens(known: Known) -> dict[str, str]:
    """Name → path of every screen, and of the task's with tasks of each kind."""
    return {
        "overview": "/",
        "overview-24h": "/?window=24h&table=flow",
        "tasks": "/tasks",
        "tasks-failed": "/tasks?group=failed",
        "tasks-filter": "/tasks?destination=https://billing.internal:8443&status=retrying",
        "tasks-none": "/tasks?event=no.such",
        "task-failed": f"/tasks/{known.failed}",
        "task-delivered": f"/tasks/{known.delivered}",
        "task-retrying": f"/tasks/{known.retrying}",
        "task-held": f"/tasks/{known.held}",
        "task-sending": f"/tasks/{known.sending}",
        "destinations": "/destinations",
        "bulk": "/bulk",
        "operation": f"/bulk/{known.bulk}",
        "methods": "/methods",
        "statuses": "/statuses",
        "parameters": "/parameters",
        "new": "/new",
        "system": "/system",
        "sign-in": "/sign-in",
        "absent": "/nothing",
    }


async def take_all(folder: Path, only: str) -> None:
    """Pictures of everything whose name has the word in it."""
    async with _scene() as (scene, browser):
        stages: dict[str, str | Stage] = {**screens(scene.known), **STAGED}
        for look in LOOKS:
            ends = "-".join(map(str, look))
            wanted = {name: what for name, what in stages.items() if only in f"{name}-{ends}"}
            for name, what in wanted.items():
                async with _watched(browser, scene, look) as watched:
                    await _show(watched, what, scene.known)
                    await watched.page.screenshot(
                        path=folder / f"{name}-{ends}.png", full_page=isinstance(what, str)
                    )


async def take_docs(folder: Path) -> None:
    """The four that the documents show."""
    async with _scene() as (scene, browser), calling(scene.service.url) as api:
        for flow in FRESH:
            url = f"{shown(flow.place)}{flow.path.format(n=40217)}"
            await api.create(url=url, method=flow.verb, event=flow.event, payload={"id": 40217})
        for name, path, look in DOCS:
            async with _watched(browser, scene, look) as watched:
                await _show(watched, path.format(failed=scene.known.failed), scene.known)
                await _to_the_end_of_a_minute(watched)
                await _write(watched, folder / f"{name}.webp")


async def _to_the_end_of_a_minute(watched: Watched) -> None:
    """The charts tell of the minute that runs by what there was of it: a few seconds tell little."""
    begun = int(await watched.page.evaluate("Date.now() % 60_000")) / 1000
    await linger(max(45 - begun, 0))


async def _write(watched: Watched, path: Path) -> None:
    """As WebP, a third of a PNG's size; Playwright itself writes PNG and JPEG only."""
    session = await watched.page.context.new_cdp_session(watched.page)
    size = watched.page.viewport_size
    assert size is not None
    clip = {"x": 0, "y": 0, **size, "scale": SCALES[size["width"]]}
    taken = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip})
    path.write_bytes(base64.b64decode(taken["data"]))


async def _show(watched: Watched, what: str | Stage, known: Known) -> None:
    if isinstance(what, str):
        await watched.open(what)
    else:
        await what(watched, known)
    await expect(watched.page.locator(".bones")).to_have_count(0)
    await expect(watched.page.locator(".live .dot-stale")).to_have_count(0)


@asynccontextmanager
async def _scene() -> AsyncIterator[tuple[Scene, Browser]]:
    with tempfile.TemporaryDirectory() as directory:
        async with playing(Path(directory)) as scene, chromium() as browser:
            yield scene, browser


@asynccontextmanager
async def _watched(browser: Browser, scene: Scene, look: Look) -> AsyncIterator[Watched]:
    async with watching(
        browser,
        scene.service.url,
        lang=look.lang,
        width=look.width,
        color_scheme=look.theme,
        device_scale_factor=SCALES[look.width],
        timezone_id=_afternoon(),
    ) as watched:
        watched.expect_statuses(404, 401, 503)
        await watched.page.set_viewport_size({"width": look.width, "height": HEIGHTS[look.width]})
        yield watched


def _afternoon() -> str:
    """A time zone where it is two o'clock, so that an hour's times are of one day."""
    return f"Etc/GMT{datetime.now(UTC).hour - 14:+d}"


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--docs", action="store_true")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_docs(wanted.folder) if wanted.docs else take_all(wanted.folder, wanted.only))


if __name__ == "__main__":
    main()
