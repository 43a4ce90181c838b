"""The system screen in a real browser: which service this is, how its parts are, what operators changed."""

import re
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.support.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
PAGE = 25  # entries


async def test_it_says_which_service_this_is_and_where_it_keeps_what(at: Desk) -> None:
    page = at.page
    session = await at.api.get("/session")
    await at.watched.open("/")
    await page.get_by_role("link", name="System", exact=True).first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("System")
    facts = page.locator(".facts").first
    for text in (session["version"], session["instance"], "ready", "without token", "1,024"):
        await expect(facts).to_contain_text(text)
    await expect(page.locator(".places")).to_contain_text(str(at.service.data))
    link = page.get_by_role("link", name="/openapi.json")
    await expect(link).to_have_attribute("target", "_blank")
    async with page.expect_popup() as opened:
        await link.click()
    described = await opened.value
    assert described.url == f"{at.service.url}/openapi.json"
    await expect(described.locator("body")).to_contain_text('"openapi"')


async def test_every_check_of_health_says_what_it_means(at: Desk) -> None:
    checks = (await at.api.get("/stats"))["health"]
    await at.watched.open("/system")
    lines = at.page.locator(".advice li")
    await expect(lines).to_have_count(len(checks))
    await expect(lines.locator("p")).to_have_count(len(checks))
    for text in await lines.locator("b").all_text_contents():
        assert not re.search("[_.]", text), text  # a word, no key
    await expect(lines.filter(has_text="Gaps in the journal")).to_contain_text("in order:")


async def test_the_audit_log_names_what_was_done_to_what_and_pages(at: Desk) -> None:
    page = at.page
    markup = "<img src=x onerror=alert(1)>"
    path = f"/destinations/{quote(at.recipient.url, safe='')}"
    (failed,) = await at.failed(1)
    await at.api.call("POST", f"/tasks/{failed}/retry")
    for _ in range(PAGE):
        await at.api.call("PATCH", path, {"concurrency": 3})
    await at.api.call("POST", f"{path}/pause", {"note": markup})
    await at.watched.open("/system")
    rows = page.locator(".audit tbody tr")
    await expect(rows).to_have_count(PAGE)
    await expect(rows.first).to_contain_text("Pause")
    await expect(rows.first).to_contain_text(markup)
    await expect(rows.nth(1)).to_contain_text("concurrency: 3")
    assert await page.locator("main img").count() == 0
    await page.get_by_role("link", name="Older").click()
    await expect(rows).to_have_count(2)
    await expect(page).to_have_url(re.compile(r"/system\?cursor=."))
    await expect(page.get_by_role("link", name="Older")).to_have_count(0)
    await page.reload()
    await expect(rows).to_have_count(2)
    await expect(rows.last).to_contain_text("Retry")
    await page.go_back()
    await expect(rows).to_have_count(PAGE)
    await page.go_forward()
    await page.get_by_role("link", name="To the newest").click()
    await expect(rows).to_have_count(PAGE)
    await page.goto(f"{at.service.url}/system")
    await page.get_by_role("link", name="Older").click()
    await rows.last.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(failed[-8:])


async def test_nothing_was_changed_yet(at: Desk) -> None:
    await at.watched.open("/system")
    await expect(at.page.locator(".empty")).to_contain_text("Nothing yet")
