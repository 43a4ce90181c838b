"""The page in its languages and themes, behind a prefix, over plain HTTP, and without its service."""

import tomllib
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.support.api import Api, calling
from tests.support.browser import pasted, watching
from tests.support.desk import Desk
from tests.support.recipient import Recipient
from tests.support.service import Service, free_port, serving, status_of
from tests.support.wait import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
SECURE = "[isSecureContext, Boolean(navigator.clipboard)]"


async def populate(api: Api, recipient: Recipient) -> str:
    """Tasks of every group; the id of a failed one."""
    await api.create(url=f"{recipient.url}/ok", event="order.paid", payload={"n": 1})
    await api.create(url=f"http://127.0.0.1:{free_port()}/x", retry={"schedule": ["1h"]})
    await api.create(url=f"{recipient.url}/hang?{'long' * 60}", event="e" * 100)
    failed = await api.create(url=f"{recipient.url}/500", event="client.merged", payload=1, max_attempts=2)
    await api.reaches(failed, "failed")
    return failed


async def test_the_language_is_changed_in_place_and_kept(service: Service, browser: Browser) -> None:
    async with watching(browser, service.url, lang="en") as watched:
        await watched.open("/new")
        page, heading = watched.page, watched.page.get_by_role("heading", level=1)
        await page.get_by_label("Event").fill("kept")
        await page.get_by_role("button", name="По-русски").click()
        await expect(heading).to_have_text("Новая задача")
        await expect(page.get_by_label("Событие")).to_have_value("kept")
        assert await page.locator("html").get_attribute("lang") == "ru"
        await watched.open("/tasks?lang=en")
        await expect(heading).to_have_text("Tasks")
        await page.locator(".tabs a", has_text="Failed").click()
        await expect(page).to_have_url(f"{service.url}/tasks?group=failed&lang=en")
        await watched.open("/tasks")
        await expect(heading).to_have_text("Задачи")


@pytest.mark.parametrize(("configured", "browsers", "shown"), [("ru", "de", "ru"), ("ru", "en", "en")])
async def test_the_configured_language_serves_browsers_that_speak_neither(
    tmp_path: Path, browser: Browser, configured: str, browsers: str, shown: str
) -> None:
    async with serving(tmp_path, {"ui": {"lang": configured}}) as service:
        context = await browser.new_context(locale=browsers)
        page = await context.new_page()
        await page.goto(service.url)
        await expect(page.locator("html")).to_have_attribute("lang", shown)
        await context.close()


async def test_the_theme_follows_the_system_until_one_is_chosen(service: Service, browser: Browser) -> None:
    background = "() => getComputedStyle(document.body).backgroundColor"
    async with watching(browser, service.url, color_scheme="light") as watched:
        await watched.open("/statuses")
        page = watched.page
        light = await page.evaluate(background)
        await page.emulate_media(color_scheme="dark")
        dark = await page.evaluate(background)
        assert light != dark
        await page.get_by_role("button", name="Theme: as the system").click()
        assert await page.evaluate(background) == light
        await page.get_by_role("button", name="Theme: light").click()
        await page.emulate_media(color_scheme="light")
        assert await page.evaluate(background) == dark
        await page.goto(f"{service.url}/methods", wait_until="commit")
        assert await page.locator("html").get_attribute("data-theme") == "dark"


async def test_it_stands_behind_a_prefix(tmp_path: Path, recipient: Recipient, browser: Browser) -> None:
    async with serving(tmp_path, {"server": {"url_prefix": "/okydrom"}}, start=False) as service:
        base = f"{service.url}/okydrom"
        await service.launch()
        await wait_until(lambda: answers(service.port, "/okydrom/readyz"), 20)
        async with watching(browser, base) as watched, calling(base) as api:
            task_id = await api.create(url=f"{recipient.url}/ok", payload=1)
            await api.reaches(task_id, "delivered")
            await watched.open("/")
            await expect(watched.page.locator(".live-text")).to_have_text("Live")
            await watched.page.get_by_role("link", name="Tasks", exact=True).first.click()
            await watched.page.locator(".tasks .c-id a").click()
            await expect(watched.page).to_have_url(f"{base}/tasks/{task_id}")
            await expect(watched.page.locator(".task-head .badge")).to_have_text("Delivered")
            await watched.page.reload()
            await expect(watched.page.locator(".pre-flat")).to_have_text("1")


async def answers(port: int, path: str) -> bool:
    """Is there a 200?"""
    return await status_of(port, path) == 200


async def test_plain_http_is_enough(at: Desk, browser: Browser) -> None:
    page = at.page
    await at.watched.open("/new")
    assert await page.evaluate(SECURE) == [False, False]
    await expect(page.locator(".live-text")).to_have_text("Live")
    await page.get_by_label("Recipient URL").fill(f"{at.recipient.url}/ok")
    await page.get_by_role("button", name="curl").click()
    await page.get_by_role("button", name="Copy").click()
    await expect(page.get_by_role("status")).to_have_text("Copied")
    assert (await pasted(page)).startswith("curl ")
    await page.get_by_role("button", name="Form").click()
    await page.get_by_role("button", name="Create task").click()
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    async with watching(browser, at.service.local) as watched:  # as the other tests here
        await watched.open("/methods")
        assert await watched.page.evaluate(SECURE) == [True, True]


async def test_a_lost_service_is_told_and_found_again(service: Service, browser: Browser) -> None:
    async with watching(browser, service.url) as watched:
        page, pill = watched.page, watched.page.locator(".live-text")
        await watched.open("/statuses")
        await expect(pill).to_have_text("Live")
        await service.kill()
        notice = page.locator(".notice-warn")
        await expect(notice).to_contain_text("The service can't be reached.")
        await expect(page.locator(".refs tbody tr")).to_have_count(6)
        await expect(pill).to_contain_text("Stale since", timeout=25_000)
        await service.start()
        await expect(pill).to_have_text("Live")
        await expect(notice).to_have_count(0)
        watched.forget_lost()


async def test_paused_updates_stay_paused(service: Service, api: Api, browser: Browser) -> None:
    async with watching(browser, service.url) as watched:
        await watched.open("/tasks")
        page = watched.page
        await page.get_by_role("button", name="Pause updates").click()
        await expect(page.locator(".live-text")).to_have_text("Paused")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.clock.install()
        await page.clock.run_for(60_000)
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert asked == []
        await page.get_by_role("button", name="Resume updates").click()
        await expect(page.locator(".live-text")).to_have_text("Live")


async def test_the_keyboard_reaches_the_content_and_narrow_screens_reach_everything(
    service: Service, browser: Browser
) -> None:
    async with watching(browser, service.url) as watched:
        page = watched.page
        await watched.open("/tasks")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_be_focused()
        await page.set_viewport_size({"width": 390, "height": 844})
        more = page.get_by_role("button", name="More")
        await more.click()
        await expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(12)
        await page.keyboard.press("Escape")
        await expect(more).to_be_focused()
        await more.click()
        await page.get_by_role("dialog").get_by_role("link", name="Parameters").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Parameters")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_parameters_and_destinations_are_searched(
    service: Service, api: Api, recipient: Recipient, browser: Browser
) -> None:
    await populate(api, recipient)
    async with watching(browser, service.url) as watched:
        page = watched.page
        await watched.open("/parameters")
        await page.get_by_role("searchbox").fill("min_free")
        await expect(page.locator(".params tbody tr[data-key^='storage.']")).to_have_count(1)
        await expect(page).to_have_url(f"{service.url}/parameters?q=min_free")
        await page.reload()
        await expect(page.get_by_role("searchbox")).to_have_value("min_free")
        await page.get_by_role("searchbox").fill("")
        await page.get_by_role("link", name="Changed").click()
        await expect(page.locator(".params tr.changed")).to_have_count(
            await page.locator(".params tbody tr:not(.section)").count()
        )
        await watched.open("/destinations")
        await expect(page.locator(".dests tbody tr[data-key^=http]")).to_have_count(2)
        await page.get_by_role("searchbox").fill(str(recipient.port))
        await page.locator(".dests tbody .c-key a").click()
        await expect(page.locator(".term")).to_have_text(f"destination:http://127.0.0.1:{recipient.port}")


async def test_parameters_are_copied_as_toml_and_a_method_begins_a_task(
    service: Service, browser: Browser
) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    async with watching(browser, service.url, permissions=permissions) as watched:
        page = watched.page
        await watched.open("/parameters?changed=1")
        await page.get_by_role("button", name="Copy as TOML").click()
        await expect(page.get_by_role("status")).to_have_text("Copied")
        copied = tomllib.loads(await page.evaluate("navigator.clipboard.readText()"))
        assert copied["server"] == {"port": service.port}
        assert copied["retry"] == {"schedule": [0.2]}
        await watched.open("/methods")
        await page.locator("tr", has_text="PATCH").get_by_role("link", name="New task with it").click()
        await expect(page.get_by_label("Method")).to_have_value("PATCH")


async def test_what_goes_wrong_is_noticed(service: Service, browser: Browser) -> None:
    async with watching(browser, service.url) as watched:
        await watched.open("/statuses")
        await watched.page.evaluate("document.body.setAttribute('style', 'color: red')")
        await watched.page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
        await watched.page.evaluate("void setTimeout(() => { throw new Error('boom') })")

        def said() -> bool:
            return all(
                any(words in line for line in watched.wrong)
                for words in ("policy: style-src", "policy: connect-src", "boom")
            )

        await wait_until(said, message=str(watched.wrong))
        watched.wrong.clear()
