"""The form of a new task in a real browser: three views of one call, the dry run, one task for one filled form."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, Route, expect

from tests.support.desk import Desk, desk
from tests.support.keyboard import press, tab_to
from tests.support.markup import MARKUP

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests
CREATE = re.compile(r"/api/v1/tasks$")


async def fill(page: Page, url: str) -> None:
    """The fields that a task needs."""
    await page.get_by_label("Recipient URL").fill(url)
    await page.get_by_role("textbox", name="Payload").fill('{"id": 9007199254740993}')


async def view(page: Page, name: str) -> None:
    """Look at the call as form, JSON or curl."""
    await page.get_by_role("group", name="View").get_by_role("button", name=name).click()


def request(page: Page) -> Locator:
    """The field of the JSON view."""
    return page.get_by_label("Body of the request")


@pytest.mark.parametrize(("lang", "theme"), [("ru", "dark"), ("en", "light")])
async def test_everybody_can_use_it(browser: Browser, tmp_path: Path, lang: Any, theme: Any) -> None:
    async with desk(browser, tmp_path, lang=lang, color_scheme=theme) as at:
        await at.watched.open("/new")
        for url in ("ftp://recipient.example/", at.recipient.url):
            await at.page.locator("#url").fill(url)
            await at.page.locator(".card-foot button[type=button]").last.click()
            await at.page.locator(".verdicts").wait_for()
            for width in (1440, 390, 320):
                await at.page.set_viewport_size({"width": width, "height": 900})
                assert await at.watched.violations() == [], (url, width)
        await at.page.locator(".segments").first.get_by_role("button").nth(1).click()
        for text in ('{"url": "http://a/", "delay": "1h"}', "{"):
            await at.page.locator("#request").fill(text)
            assert await at.watched.violations() == [], text


async def test_a_task_is_written_and_created_from_the_keyboard(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await tab_to(page, page.get_by_label("Recipient URL"))
    await page.keyboard.type(f"{at.recipient.url}/ok")
    await tab_to(page, page.get_by_role("textbox", name="Payload"))
    await page.keyboard.type('{"n": 1.0}')
    await tab_to(page, page.get_by_label("Waits between attempts"))
    await page.keyboard.type("1s, 5min")
    await tab_to(page, page.get_by_label("Give up after"))
    await page.keyboard.type("2d")
    await press(page, page.get_by_role("button", name="Create task"))
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    assert [arrival.body for arrival in at.recipient.arrivals] == [b'{"n": 1.0}']
    task = (await at.api.get("/tasks"))["items"][0]
    assert (await at.api.task(task["id"]))["retry"] == {"schedule": [1.0, 300.0]}


async def test_a_dry_run_shows_all_faults_beside_their_fields(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await page.get_by_label("Recipient URL").fill("ftp://recipient.example/")
    await page.get_by_label("Attempts", exact=True).fill("500")
    await page.get_by_label("Waits between attempts").fill("soon")
    await page.get_by_label("Give up after").fill("never")
    await page.get_by_label("Callback URL").fill("ftp://c.example/")
    await page.get_by_role("button", name="Add a header").click()
    await page.get_by_label("Header name").fill("Content Type")
    await press(page, page.get_by_role("button", name="Dry run"))
    await expect(page.get_by_role("alert")).to_contain_text("6 faults to mend")
    await expect(page.locator("#url-faults")).to_have_text("Only http and https are sent to.")
    await expect(page.locator("#max_attempts-faults")).to_have_text("From 1 to 100.")
    await expect(page.locator("#waits-faults")).to_be_visible()
    await expect(page.locator("#ttl-faults")).to_have_text("A duration is written 500ms, 5s, 5min, 2h, 1d.")
    await expect(page.locator("#callback-faults")).to_have_text("Only http and https are sent to.")
    await expect(page.locator("#headers")).to_contain_text("without spaces")
    await expect(page.get_by_label("Dry run")).to_contain_text("/url")
    assert await at.api.count() == 0


async def test_a_dry_run_says_where_it_would_go_what_it_would_send_and_when(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await fill(page, f"{at.recipient.url}/ok")
    await page.get_by_label("Attempts", exact=True).fill("3")
    await page.get_by_label("Waits between attempts").fill("1h")
    await page.get_by_role("button", name="Dry run").click()
    said = page.get_by_label("Dry run")
    await expect(said).to_contain_text("It would be accepted")
    await expect(said).to_contain_text("The name leads to 127.0.0.1, which is allowed")
    await expect(said).to_contain_text("Body of 24 B")
    await expect(said).to_contain_text("The destination is normal")
    await expect(page.locator(".timetable li")).to_have_count(3)
    await expect(page.locator(".timetable")).to_contain_text("after 1 h")
    await expect(page.locator("aside pre")).to_contain_text("Okydrom-Attempt: 1/3")
    await page.get_by_label("Event").fill("changed")
    await expect(said).to_contain_text("The form has changed since")
    assert await at.api.count() == 0
    assert at.recipient.arrivals == []


async def test_form_json_and_curl_are_views_of_one_call(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await fill(page, f"{at.recipient.url}/ok")
    await view(page, "JSON")
    await expect(request(page)).to_have_value(re.compile('"id": 9007199254740993'))
    await view(page, "curl")
    shown = page.locator("form pre")
    await expect(shown).to_contain_text(f"curl -sS {at.service.url}/api/v1/tasks")
    await expect(shown).to_contain_text("--data-binary")
    await press(page, page.get_by_role("button", name="Create task"))
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")


async def test_what_is_written_as_json_is_sent_as_it_is_and_shown_in_the_form(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await view(page, "JSON")
    await request(page).fill(
        f'{{"url": "{at.recipient.url}/ok",\n "payload": {{"n":1.0, "id": 9007199254740993}},\n'
        ' "delay": "1h", "labels": {"tenant": "acme"}}'
    )
    await view(page, "Form")
    await expect(page.get_by_label("Recipient URL")).to_have_value(f"{at.recipient.url}/ok")
    await expect(page.get_by_label("Label value")).to_have_value("acme")
    await expect(page.get_by_role("textbox", name="Payload")).to_have_value(
        '{"n":1.0, "id": 9007199254740993}'
    )
    await expect(page.locator("form .notice")).to_contain_text("the form has no fields for: delay")
    await page.get_by_label("Event").fill("order.paid")
    async with page.expect_request(CREATE) as sent:
        await page.get_by_role("button", name="Create task").click()
    body = (await sent.value).post_data or ""
    assert '"payload": {"n":1.0, "id": 9007199254740993}' in body
    await expect(page.locator(".task-head .badge")).to_have_text("Queued")
    (task,) = (await at.api.get("/tasks"))["items"]
    assert (task["event"], task["labels"]) == ("order.paid", {"tenant": "acme"})
    assert task["next_attempt_at"] > task["created_at"]


async def test_json_that_cannot_be_read_says_where_and_keeps_its_view(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await fill(page, f"{at.recipient.url}/ok")
    await view(page, "JSON")
    broken = f'{{\n  "url": "{at.recipient.url}/ok",\n  event: 1\n}}'
    await request(page).fill(broken)
    await expect(page.locator("#request-faults")).to_contain_text("Line 3, column 3")
    await page.get_by_role("button", name="Form", exact=True).click()
    await expect(request(page)).to_have_value(broken)
    await expect(request(page)).to_be_focused()
    await page.get_by_role("button", name="Create task").click()
    await expect(page.get_by_role("alert")).to_contain_text("1 fault to mend")
    await page.get_by_role("link", name="Statuses").click()
    await page.get_by_role("heading", level=1, name="Statuses").wait_for()
    await page.go_back()
    await expect(request(page)).to_have_value(broken)
    await request(page).fill(broken.replace("event: 1", '"evnt": 1'))
    await page.get_by_role("button", name="Dry run").click()
    await expect(page.get_by_role("alert")).to_contain_text("/evnt")
    assert await at.api.count() == 0


async def test_what_was_left_in_the_form_is_found_there_again_and_says_so(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new?method=PUT")
    await expect(page.locator("#method")).to_have_value("PUT")
    await page.locator("#method").select_option("PATCH")
    foot = page.locator(".card-foot").first
    for words in ("Пока не нажато", "Nothing is stored"):  # another language makes the form anew
        await page.locator("nav .nav-tools button").first.click()
        await expect(foot).to_contain_text(words)
        await expect(page.locator("#method")).to_have_value("PATCH")
    await expect(foot).to_contain_text("Nothing is stored until you press Create.")
    await page.get_by_label("Event").fill("left")
    await expect(foot).to_contain_text("The draft is kept while this tab is open.")
    await page.get_by_role("link", name="Statuses").click()
    await page.get_by_role("heading", level=1, name="Statuses").wait_for()
    leave = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert await page.evaluate(leave) is False
    await page.go_back()
    await expect(page.get_by_label("Event")).to_have_value("left")
    await expect(page.locator("#method")).to_have_value("PATCH")
    note = page.get_by_text("This is the draft that you left here before.")
    await expect(note).to_be_visible()
    await page.get_by_label("Event").fill("left again")
    await expect(note).to_have_count(0)
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_label("Event")).to_have_value("")
    await expect(page.get_by_label("Recipient URL")).to_be_focused()


async def test_the_focus_goes_along_with_labels_that_come_and_go(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    labels = page.get_by_role("group", name="Labels")
    add = labels.get_by_role("button", name="Add")
    for count in (1, 2):
        await add.click()
        await expect(labels.get_by_label("Label name")).to_have_count(count)
        await expect(labels.get_by_label("Label name").last).to_be_focused()
    remove = labels.get_by_role("button", name="Remove")
    await remove.first.click()
    await expect(remove).to_have_count(1)
    await expect(remove).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(add).to_be_focused()


async def test_a_file_is_sent_byte_by_byte(at: Desk) -> None:
    page, data = at.page, bytes(range(256)) * 200
    await at.watched.open("/new")
    await page.get_by_label("Recipient URL").fill(f"{at.recipient.url}/ok")
    await page.get_by_role("button", name="File").click()
    file = FilePayload(name="<b>data.bin", mimeType="application/x-test", buffer=data)
    await page.get_by_label("Choose a file…").set_input_files(file)
    await expect(page.locator("form")).to_contain_text("<b>data.bin, 50 KiB")
    await page.get_by_role("button", name="Create task").click()
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    (arrival,) = at.recipient.arrivals
    assert arrival.body == data
    assert arrival.header("Content-Type") == "application/x-test"


async def test_pressing_twice_makes_one_task(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await fill(page, f"{at.recipient.url}/ok")
    await page.get_by_role("button", name="Create task").dblclick()
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    assert await at.api.count() == 1


async def test_an_answer_that_was_lost_makes_one_task_when_it_is_sent_again(at: Desk) -> None:
    page, keys = at.page, list[str | None]()

    async def lose(route: Route) -> None:
        keys.append(await route.request.header_value("Idempotency-Key"))
        await at.answer(route)  # the service took it
        await route.abort()

    await at.watched.open("/new")
    await fill(page, f"{at.recipient.url}/ok")
    await page.route(CREATE, lose)
    await page.get_by_role("button", name="Create task").click()
    await expect(page.get_by_role("alert")).to_contain_text("The service can't be reached.")
    await page.unroute(CREATE)
    async with page.expect_request(CREATE) as again:
        await page.get_by_role("button", name="Create task").click()
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    assert keys == [await (await again.value).header_value("Idempotency-Key")]
    assert await at.api.count() == 1
    at.watched.wrong = [line for line in at.watched.wrong if "ERR_FAILED" not in line]


@pytest.mark.parametrize(("status", "code"), [(503, "overloaded"), (429, "destination_full")])
async def test_what_is_refused_for_now_stays_in_the_form(at: Desk, status: int, code: str) -> None:
    page = at.page
    at.watched.expect_statuses(status)
    problem = json.dumps({"code": code, "status": status, "title": "t", "detail": "d"})

    async def refuse(route: Route) -> None:
        headers = {"Content-Type": "application/problem+json", "Retry-After": "7"}
        await route.fulfill(status=status, body=problem, headers=headers)

    await at.watched.open("/new")
    await fill(page, f"{at.recipient.url}/ok")
    await page.route(CREATE, refuse)
    await page.get_by_role("button", name="Create task").click()
    await expect(page.get_by_role("alert")).to_contain_text("Try again in 7 seconds.")
    await expect(page.get_by_label("Recipient URL")).to_have_value(f"{at.recipient.url}/ok")
    await expect(page.get_by_role("textbox", name="Payload")).to_have_value('{"id": 9007199254740993}')
    await page.unroute(CREATE)


async def test_leaving_a_changed_form_asks(at: Desk) -> None:
    page, asked = at.page, list[str]()
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    await at.watched.open("/new")
    await page.reload()
    assert asked == []
    await page.get_by_label("Event").press_sequentially("typed")
    await page.reload()
    assert asked == ["beforeunload"]
    await expect(page.get_by_label("Event")).to_have_value("")


async def test_hostile_texts_are_text_in_every_view(at: Desk) -> None:
    page = at.page
    await at.watched.open("/new")
    await page.get_by_role("button", name="Add a label").click()
    for markup in MARKUP:
        await fill(page, f"{at.recipient.url}/ok?{markup}")
        await page.get_by_role("textbox", name="Payload").fill(json.dumps(markup))
        for field in ("Event", "Order key", "Give up after", "Callback URL", "Label name", "Label value"):
            await page.get_by_label(field).fill(markup)
        await page.get_by_role("button", name="Dry run").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        for name in ("JSON", "curl", "Form"):
            await view(page, name)
            assert await page.locator("main :is(img, script, iframe, style)").count() == 0
    assert await page.evaluate("window.pwned") is None
