"""Dialogs, menus and other things that a page shows only when something is pressed, each ready for a picture.

Keys and places are the same in every language.
"""

from collections.abc import Awaitable, Callable

from playwright.async_api import Route

from tests.support.browser import Watched
from tests.support.history import Known

Stage = Callable[[Watched, Known], Awaitable[None]]


async def _jump(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    await at.page.keyboard.press("Control+k")
    await at.page.get_by_role("combobox").last.fill("o")


async def _keys(at: Watched, known: Known) -> None:
    await at.open("/statuses")
    await at.page.keyboard.press("Shift+Slash")
    await at.page.locator("dialog").wait_for()


async def _selection(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    for row in (2, 3, 8):
        await at.page.locator(".tasks tbody .check").nth(row).check()


async def _row_menu(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    if await at.page.locator(".tasks tbody .menu-at").first.is_visible():  # narrow rows have none
        await at.page.locator(".tasks tbody .menu-at button").nth(1).click()


async def _columns(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    await at.page.locator(".toolbar .menu-at button").nth(1).click()


async def _views(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    await at.page.locator(".toolbar .menu-at button").first.click()


async def _words(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    await at.page.locator(".filter input").press_sequentially("status:failed dest")
    await at.page.locator(".options li").first.wait_for()


async def _bad_term(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    await at.page.locator(".filter input").press_sequentially("statis:failed")
    await at.page.keyboard.press("Enter")
    await at.page.locator(".term-bad").wait_for()


async def _plan(at: Watched, known: Known) -> None:
    await at.open("/tasks?group=failed")
    await at.page.locator(".select-bar .check").check()
    await at.page.locator(".select-bar .end button").first.click()
    await at.page.locator("dialog .samples").wait_for()


async def _export(at: Watched, known: Known) -> None:
    await at.open("/tasks?group=failed")
    await at.page.locator(".toolbar [data-key=export]").click()
    await at.page.locator("dialog").wait_for()


async def _retry(at: Watched, known: Known) -> None:
    await at.open(f"/tasks/{known.failed}")
    await at.page.locator(".task-head .btn-primary").click()


async def _edit(at: Watched, known: Known) -> None:
    await at.open(f"/tasks/{known.failed}")
    await at.page.locator(".task-head .btn").first.click()


async def _more(at: Watched, known: Known) -> None:
    await at.open(f"/tasks/{known.failed}")
    await at.page.locator(".task-head .menu-at button").click()


async def _pause(at: Watched, known: Known) -> None:
    await at.open("/destinations")
    await at.page.locator(".dests .acts button").first.click()


async def _steer(at: Watched, known: Known) -> None:
    await at.open("/destinations")
    await at.page.locator(".dests .acts .menu-at button").first.click()


async def _limits(at: Watched, known: Known) -> None:
    await _steer(at, known)
    await at.page.locator(".menu .menu-item").first.click()


async def _dry_run(at: Watched, known: Known) -> None:
    await at.open("/new")
    page = at.page
    await page.locator("input.input.mono").first.fill("https://billing.internal:8443/hooks/user-created")
    await page.locator("textarea").first.fill(
        '{\n  "event": "user.created",\n  "user_id": 9223372036854775809\n}'
    )
    await page.locator("[data-key=dry]").click()
    await page.locator(".timetable, .verdicts").first.wait_for()


async def _sign_in(at: Watched, known: Known) -> None:
    async def refuse(route: Route) -> None:
        body = '{"type":"about:blank","title":"Unauthorized","status":401,"code":"unauthorized"}'
        await route.fulfill(status=401, content_type="application/problem+json", body=body)

    await at.open("/destinations")
    await at.page.route("**/pause", refuse)
    await at.page.locator(".dests .acts button").first.click()
    await at.page.locator("dialog .btn-primary").click()
    await at.page.locator("dialog input[type=password]").wait_for()


async def _error(at: Watched, known: Known) -> None:
    async def refuse(route: Route) -> None:
        body = (
            '{"type":"about:blank","title":"Service Unavailable","status":503,"code":"index_behind",'
            '"request_id":"01a2296e7c4b"}'
        )
        await route.fulfill(
            status=503, headers={"Retry-After": "5"}, content_type="application/problem+json", body=body
        )

    await at.page.route("**/api/v1/methods*", refuse)
    await at.open("/methods")
    await at.page.locator(".empty[role=alert]").wait_for()


async def _progress(at: Watched, known: Known) -> None:
    """Slow enough to be seen in all pictures."""
    await at.open("/statuses")
    wanted = {"action": "retry", "filter": {"code": "503"}, "rate": 0.5}
    await at.page.evaluate(BEGIN, wanted)
    await at.page.locator(".progress-bar").wait_for()


async def _running(at: Watched, known: Known) -> None:
    await _progress(at, known)
    await at.open("/bulk")


async def _everything_else(at: Watched, known: Known) -> None:
    await at.open("/tasks")
    await at.page.locator(".tabbar button, .who button").locator("visible=true").last.click()


BEGIN = """
async (wanted) => {
  const post = async (body) => (await fetch("/api/v1/bulk", { method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" } })).json();
  const { token } = await post({ ...wanted, dry_run: true });
  await post({ ...wanted, token });
}
"""
STAGED: dict[str, Stage] = {
    "at-jump": _jump,
    "at-keys": _keys,
    "at-selection": _selection,
    "at-row-menu": _row_menu,
    "at-columns": _columns,
    "at-views": _views,
    "at-words": _words,
    "at-bad-term": _bad_term,
    "at-plan": _plan,
    "at-export": _export,
    "at-retry": _retry,
    "at-edit": _edit,
    "at-more": _more,
    "at-pause": _pause,
    "at-steer": _steer,
    "at-limits": _limits,
    "at-dry-run": _dry_run,
    "at-sign-in": _sign_in,
    "at-error": _error,
    "at-others": _everything_else,
    "at-progress": _progress,
    "at-running": _running,
}
