"""The operator page in a real Chromium, watched: what must never happen on it is written down as it happens."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, ConsoleMessage, Dialog, Page, Request, async_playwright, expect

# A name that is not this machine's own: what is served there over plain HTTP is no secure context, and browsers keep
# from it the clipboard, `crypto.randomUUID`, the headers that tell one site from another.
PLAIN = "okydrom.example"
ARGUMENTS = (
    f"--host-resolver-rules=MAP {PLAIN} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# What a browser says of a service that has ended.
LOST = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
)
PATIENCE = 15_000  # ms: longer than a few rounds of the page's own refreshing, on a machine that is busy
LOCALES = {"ru": "ru-RU", "en": "en-US"}
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# A violation of the policy is an event of the document; the console would name only some of them.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""

expect.set_options(timeout=PATIENCE)


class Watched:
    """A page, and what went wrong on it: errors, violations of the policy, requests to anybody else."""

    def __init__(self, page: Page, service: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        self._service = service
        self._expected: tuple[int, ...] = ()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}\n{error.stack or ''}"))
        page.on("request", self._asked)
        page.on("dialog", self._asked_to_answer)

    def expect_statuses(self, *statuses: int) -> None:
        """Answers that this test provokes: browsers report every one of 400 and above as an error."""
        self._expected = statuses

    async def open(self, path: str) -> None:
        """Open a path of the page and wait until its screen has its data."""
        await self.page.goto(f"{self._service}{path}")
        await self.page.locator("main > *").first.wait_for()
        await self.page.locator("[aria-busy]").first.wait_for(state="detached")

    async def violations(self) -> list[str]:
        """What keeps somebody from using the page as it stands: broken rules of WCAG 2.2 AA, each with a place."""
        found = await Axe().run(self.page, options=RULES)
        return [
            f"{each['id']}: {each['nodes'][0]['target']} and {len(each['nodes']) - 1} more"
            for each in found.response["violations"]
        ]

    def forget_lost(self) -> None:
        """The service was away for a while: that a browser says so of each call is no fault of the page."""
        self.wrong = [line for line in self.wrong if not any(reason in line for reason in LOST)]

    def _heard(self, message: ConsoleMessage) -> None:
        expected = any(f"status of {status}" in message.text for status in self._expected)
        if message.type in ("error", "warning") and not expected:
            self.wrong.append(f"console: {message.text}")

    async def _asked_to_answer(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":  # the page asks before a filled form is left
            self.wrong.append(f"dialog: {dialog.message}")
        await dialog.accept()

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self._service, "data:")):
            self.wrong.append(f"foreign: {request.url}")


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    """A browser for the time of the block: the one named in OKYDROM_CHROMIUM, or what is found."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    path = os.environ.get("OKYDROM_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def watching(
    browser: Browser, service: str, *, lang: str = "en", width: int = 1440, **options: Any
) -> AsyncIterator[Watched]:
    """A page of its own profile; fails at the end of the block if anything went wrong on it."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, locale=LOCALES[lang], **options
    )
    await context.add_init_script(REPORT_VIOLATIONS)
    try:
        watched = Watched(await context.new_page(), service)
        yield watched
        assert not watched.wrong, "\n".join(watched.wrong)
    finally:
        await context.close()


async def pasted(page: Page) -> str:
    """What was copied last, as somebody pastes it elsewhere: only a secure context may read it by a script."""
    elsewhere = await page.context.new_page()
    try:
        await elsewhere.set_content("<textarea></textarea>")
        field = elsewhere.locator("textarea")
        await field.press("ControlOrMeta+v")
        await expect(field).not_to_have_value("")
        return await field.input_value()
    finally:
        await elsewhere.close()
