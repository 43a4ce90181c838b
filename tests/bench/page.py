"""Part `page`: how soon the operator's page is painted, and how soon a list of many tasks has its first row."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.bench.children import child
from tests.bench.report import Figure, Target
from tests.bench.servers import okydrom
from tests.support.browser import chromium

VISITS = 10  # each with an empty cache
PAINTED = """
new Promise((done) => new PerformanceObserver((list) => {
  const [found] = list.getEntriesByName("first-contentful-paint");
  if (found) done(found.startTime);
}).observe({ type: "paint", buffered: true }))
"""
LOADED = "performance.getEntriesByType('resource').length"
LINK = '.nav a[href$="/tasks"]'
ROW = "main .tasks tbody tr[data-key]"
# Milliseconds from the beginning of the navigation; told as soon as there is a row.
WATCH = f"""
new MutationObserver(() => {{
  if (document.querySelector("{ROW}")) window.rowAt ??= performance.now();
}}).observe(document, {{ childList: true, subtree: true }});
"""
# The code of the screen comes as soon as somebody points at the link.
AHEAD = """
import(document.querySelector('[rel="modulepreload"]').href.replace("main.js", "screens/tasks.js")).then(() => null)
"""
FOLLOW = f"""
new Promise((done) => {{
  const begun = performance.now();
  new MutationObserver(() => {{
    if (document.querySelector("{ROW}")) done(performance.now() - begun);
  }}).observe(document.querySelector("main"), {{ childList: true, subtree: true }});
  document.querySelector('{LINK}').click();
}})
"""


async def page_part(work: Path, *, tasks: int, visits: int = VISITS) -> list[Figure]:
    """Visit an empty service, fill its store, visit the list. Needs Chromium."""
    async with chromium() as browser:
        async with okydrom(work) as server:
            painted = await _visits(browser, f"{server.url}/", visits, _painted)
            requests = await _visits(browser, f"{server.url}/", 1, _requests)
        arguments = ["-m", "tests.bench.filling", str(work / "data"), str(tasks)]
        async with child("filling", arguments, work, piped=False) as filling:
            await filling.success()
        async with okydrom(work) as server:
            opened = await _visits(browser, f"{server.url}/tasks", visits, _row)
            followed = await _visits(browser, f"{server.url}/", visits, _followed)
    return [
        Figure("first paint, ms", painted, target=Target("<", 300)),
        Figure("requests of a first visit", requests),
        Figure(f"list of {tasks:,} tasks, first visit to first row, ms", opened),
        Figure(f"list of {tasks:,} tasks, pressed link to first row, ms", followed, target=Target("<", 200)),
    ]


async def _visits(
    browser: Browser, url: str, count: int, look: Callable[[Page], Awaitable[float]]
) -> list[float]:
    figures = []
    for _ in range(count):
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
        page = await context.new_page()
        await page.add_init_script(WATCH)
        await page.goto(url)
        await page.locator("main:not([aria-busy]) > *").first.wait_for()
        figures.append(await look(page))
        await context.close()
    return figures


async def _painted(page: Page) -> float:
    return float(await page.evaluate(PAINTED))


async def _requests(page: Page) -> float:
    return float(await page.evaluate(LOADED))


async def _row(page: Page) -> float:
    await page.locator(ROW).first.wait_for()
    return float(await page.evaluate("window.rowAt"))


async def _followed(page: Page) -> float:
    await page.hover(LINK)
    await page.evaluate(AHEAD)
    return float(await page.evaluate(FOLLOW))
