"""What an operator does on the page, in a real browser against the real service."""

import json

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.support.api import Api
from tests.support.browser import Watched
from tests.support.desk import Desk
from tests.support.recipient import Recipient
from tests.support.service import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one browser serves all tests


@pytest_asyncio.fixture(loop_scope="module")
async def watched(at: Desk) -> Watched:
    return at.watched


@pytest_asyncio.fixture(loop_scope="module")
async def page(at: Desk) -> Page:
    return at.page


@pytest_asyncio.fixture(loop_scope="module")
async def api(at: Desk) -> Api:
    return at.api


@pytest_asyncio.fixture(loop_scope="module")
async def recipient(at: Desk) -> Recipient:
    return at.recipient


async def test_a_task_is_created_opened_and_seen_delivered(
    watched: Watched, page: Page, recipient: Recipient
) -> None:
    payload = '{"id": 9007199254740993, "price":1.0}'
    await watched.open("/")
    await page.get_by_role("banner").get_by_role("link", name="New task").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("New task")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await page.get_by_label("Recipient URL").fill(f"{recipient.url}/ok")
    await page.get_by_role("textbox", name="Payload").fill(payload)
    await page.get_by_label("Event").fill("user.created")
    await page.get_by_role("button", name="Add a label").click()
    await page.get_by_label("Label name").fill("tenant")
    await page.get_by_label("Label value").fill("acme")
    await page.get_by_role("button", name="Add a header").click()
    await page.get_by_label("Header name").fill("X-Trace")
    await page.get_by_label("Header value").fill("t-1")
    await page.get_by_label("Attempts", exact=True).fill("3")
    await page.get_by_role("button", name="Create task").click()

    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    await expect(page.locator(".task-head")).to_contain_text("1 of 3 attempts")
    await expect(page.locator(".facts").first).to_contain_text("tenant=acme")
    await expect(page.locator(".attempts")).to_contain_text("200")
    await expect(page.locator(".pre-flat")).to_have_text('{\n  "id": 9007199254740993,\n  "price": 1.0\n}')
    await page.get_by_role("button", name="Raw").click()
    await expect(page.locator(".pre-flat")).to_have_text(payload)
    (arrival,) = recipient.arrivals
    assert arrival.body.decode() == payload
    assert arrival.header("X-Trace") == "t-1"


async def test_faults_stand_beside_their_fields_and_nothing_that_was_typed_is_lost(
    watched: Watched, page: Page
) -> None:
    watched.expect_statuses(422)
    await watched.open("/new")
    await page.get_by_label("Recipient URL").fill("ftp://recipient.example/")
    await page.get_by_role("textbox", name="Payload").fill('{"a": oops}')
    await expect(page.locator("#payload-faults")).to_contain_text("Line 1, column 7")
    await page.get_by_role("textbox", name="Payload").fill('{"a": 1}')
    await expect(page.locator(".help-good")).to_contain_text("Valid JSON, 8 B")
    await page.get_by_label("Attempts", exact=True).fill("500")
    await page.get_by_role("button", name="Add a header").click()
    await page.get_by_label("Header name").fill("Content Type")
    await page.get_by_role("button", name="Create task").click()

    await expect(page.get_by_role("alert")).to_contain_text("3 faults to mend")
    await expect(page.locator("#url-faults")).to_have_text("Only http and https are sent to.")
    await expect(page.locator("#max_attempts-faults")).to_have_text("From 1 to 100.")
    await expect(page.locator("#headers")).to_contain_text("without spaces")
    await expect(page.get_by_label("Recipient URL")).to_be_focused()
    await page.get_by_role("link", name="Tasks", exact=True).first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tasks")
    await page.get_by_role("banner").get_by_role("link", name="New task").click()
    await expect(page.get_by_role("textbox", name="Payload")).to_have_value('{"a": 1}')
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_role("textbox", name="Payload")).to_have_value("")


async def test_a_failed_task_tells_why_and_a_retry_delivers_it(
    watched: Watched, page: Page, api: Api, recipient: Recipient
) -> None:
    url = f"{recipient.url}/fail-then-ok?n=2&key=retry"
    task_id = await api.create(url=url, event="client.merged", payload={"n": 1}, max_attempts=2)
    await api.reaches(task_id, "failed")
    await watched.open(f"/tasks/{task_id}")
    await expect(page.locator(".task-head .badge")).to_have_text("Failed · attempts spent")
    await expect(page.locator(".attempts tbody > tr[data-key^=attempt]")).to_have_count(2)
    await expect(page.locator(".attempt-more")).to_have_count(1)
    await expect(page.locator(".attempt-more")).to_contain_text("HTTP 500 Internal Server Error")
    await page.get_by_text("Headers of the request").click()
    await expect(page.locator(".attempt-more details")).to_contain_text("webhook-id")

    cancel = page.get_by_role("button", name="Cancel…")
    await expect(cancel).to_have_attribute("aria-disabled", "true")
    await expect(cancel).to_have_attribute("title", "Given up already: there is nothing to cancel")
    retry = page.get_by_role("button", name="Retry…")
    await retry.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("It gets 2 attempts anew, under the same id.")
    await dialog.get_by_role("button", name="Back").click()
    await expect(dialog).to_have_count(0)
    await expect(retry).to_be_focused()
    await retry.click()
    await dialog.get_by_role("button", name="Retry").click()
    await expect(page.get_by_role("status")).to_have_text("The task is queued again")
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    await expect(page.locator(".attempts tbody > tr[data-key^=attempt]")).to_have_count(3)
    await expect(page.locator(".attempt-more details")).to_have_attribute("open", "")


async def test_a_waiting_task_is_cancelled(watched: Watched, page: Page, api: Api) -> None:
    dead = f"http://127.0.0.1:{free_port()}/"
    task_id = await api.create(url=dead, payload=1, retry={"schedule": ["1h"]})
    await api.reaches(task_id, "retrying")
    await watched.open(f"/tasks/{task_id}")
    await expect(page.locator(".attempts")).to_contain_text("no connection")
    await expect(page.get_by_role("button", name="Send now…")).to_be_visible()
    await page.get_by_role("button", name="Cancel…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the task").click()
    await expect(page.locator(".task-head .badge")).to_have_text("Cancelled")
    assert (await api.task(task_id))["status"] == "cancelled"


async def test_a_command_on_a_task_that_changed_meanwhile_is_refused_in_the_dialog(
    watched: Watched, page: Page, api: Api, recipient: Recipient
) -> None:
    watched.expect_statuses(412)
    task_id = await api.create(url=f"{recipient.url}/410", payload=1)
    await api.reaches(task_id, "failed")
    await watched.open(f"/tasks/{task_id}")
    await page.get_by_role("button", name="Pause updates").click()
    await page.get_by_role("button", name="Retry…").click()
    await api.call("POST", f"/tasks/{task_id}/retry")
    await page.get_by_role("dialog").get_by_role("button", name="Retry").click()
    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "The task has changed meanwhile"
    )


async def test_the_list_is_filtered_by_group_status_and_terms_and_the_url_says_so(
    watched: Watched, page: Page, api: Api, recipient: Recipient
) -> None:
    for event in ("order.paid", "order.paid", "user.created"):
        await api.create(url=f"{recipient.url}/ok", event=event, payload=1)
    failed = await api.create(url=f"{recipient.url}/410", event="order.paid", payload=1)
    waiting = await api.create(url=f"http://127.0.0.1:{free_port()}/", retry={"schedule": ["1h"]})
    await api.reaches(failed, "failed")
    await api.reaches(waiting, "retrying")
    rows = page.locator(".tasks tbody tr")

    await watched.open("/tasks")
    await expect(rows).to_have_count(5)
    await expect(page.locator(".tabs a", has_text="Delivered")).to_have_text("Delivered3")
    await page.locator(".tabs a", has_text="Failed").click()
    await expect(rows).to_have_count(1)
    assert page.url.endswith("/tasks?group=failed")
    await expect(rows).to_contain_text("stopped by the recipient")
    await page.locator(".tabs a", has_text="In progress").click()
    await expect(rows).to_have_count(1)
    await page.get_by_role("combobox", name="Filter").press_sequentially("status:queued ")
    await expect(page.locator(".empty")).to_contain_text("No task matches")
    await page.go_back()
    await expect(rows).to_have_count(1)

    await watched.open("/tasks?event=order.paid")
    await expect(rows).to_have_count(3)
    await expect(page.locator(".tabs a", has_text="Delivered")).to_have_text("Delivered2")
    await page.get_by_role("button", name="Remove the condition event:order.paid").click()
    await expect(rows).to_have_count(5)


async def test_pages_go_by_cursor_and_back_restores_place_and_focus(
    watched: Watched, page: Page, api: Api, recipient: Recipient
) -> None:
    made = [await api.create(url=f"{recipient.url}/ok", payload=n) for n in range(60)]
    await api.settles()
    shown = page.locator(".tasks tbody tr")
    await watched.open("/tasks?limit=25")
    await expect(shown).to_have_count(25)
    assert await shown.first.get_attribute("data-key") == made[-1]
    await expect(page.get_by_role("button", name="Newer")).to_be_disabled()
    await page.get_by_role("link", name="Older").click()
    await expect(shown.first).to_have_attribute("data-key", made[-26])
    await page.get_by_role("link", name="Older").click()
    await expect(shown).to_have_count(10)
    await page.get_by_role("link", name="Newer").click()
    await expect(shown.first).to_have_attribute("data-key", made[-26])

    link = shown.nth(20).locator(".c-id a")
    await link.scroll_into_view_if_needed()
    scrolled = await page.evaluate("scrollY")
    assert scrolled > 0
    await link.click()
    await expect(page.locator(".task-head .badge")).to_have_text("Delivered")
    assert await page.evaluate("scrollY") == 0
    await page.go_back()
    await expect(link).to_be_focused()
    assert await page.evaluate("scrollY") == scrolled


async def test_new_tasks_are_announced_and_move_nothing(
    watched: Watched, page: Page, api: Api, recipient: Recipient
) -> None:
    first = await api.create(url=f"{recipient.url}/hang", payload=1)
    rows = page.locator(".tasks tbody tr")
    await watched.open("/tasks")
    await expect(rows).to_contain_text("Sending")
    later = [await api.create(url=f"{recipient.url}/ok", payload=n) for n in range(2)]
    await expect(page.get_by_role("button", name="2 new: show")).to_be_visible()
    await expect(rows).to_have_count(1)
    await expect(rows).to_have_attribute("data-key", first)
    recipient.gone.set()  # it answers
    await expect(rows).to_contain_text("Delivered")
    await page.get_by_role("button", name="2 new: show").click()
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_have_attribute("data-key", later[-1])
    await expect(page.locator(".fresh")).to_have_count(0)


async def test_a_row_that_no_longer_matches_stays_until_the_list_is_asked_anew(
    watched: Watched, page: Page, api: Api, recipient: Recipient
) -> None:
    await api.create(url=f"{recipient.url}/hang", payload=1)
    await watched.open("/tasks?group=in_progress")
    row = page.locator(".tasks tbody tr")
    await expect(row).to_contain_text("Sending")
    recipient.gone.set()  # it answers
    await expect(row).to_contain_text("no longer matches")
    await expect(row).to_contain_text("Delivered")


async def test_hostile_texts_are_shown_and_never_run(
    watched: Watched, page: Page, api: Api, recipient: Recipient
) -> None:
    markup = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    task_id = await api.create(
        url=f"{recipient.url}/echo",
        event=markup,
        labels={markup[:60]: "javascript:alert(3)", "bidi": "\u202egpj.exe"},
        headers={"X-Evil": markup},
        body=json.dumps({"x": markup, "y": "\u202e"}, ensure_ascii=False) + "\x00\x1b[31m",
        content_type="text/html",
    )
    await api.reaches(task_id, "delivered")
    await watched.open("/tasks")
    await expect(page.locator(".tasks tbody")).to_contain_text(markup)
    await watched.open(f"/tasks/{task_id}")
    await expect(page.locator(".task-head")).to_contain_text(markup)
    await expect(page.locator(".facts").first).to_contain_text("bidi=\\u202egpj.exe")
    await expect(page.locator(".pre-flat")).to_contain_text("\\u202e")
    await expect(page.locator(".pre-flat")).to_contain_text("\\x00\\x1b[31m")
    await expect(page.locator(".attempt-more")).to_contain_text(markup)
    assert await page.locator("main img, main script, a[href^=javascript]").count() == 0
