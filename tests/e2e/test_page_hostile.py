"""Hostile texts in every field of every screen: they are text there, nothing that they say happens."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.support.desk import Desk, desk
from tests.support.markup import ADDRESSES, HOSTILE, MARKUP
from tests.support.raw import Peer, hear, raw
from tests.support.service import Settings
from tests.support.wait import wait_until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]  # one browser; every text
# What is on the page that no module of it makes, and what has happened that none of them does.
FOUND = """
() => {
  const found = [];
  const strange = new Set(("script style link meta base iframe frame object embed applet img image picture video audio"
    + " source math foreignobject animate animatetransform set marquee template portal").split(" "));
  for (const node of document.querySelectorAll("*")) {
    const told = node.outerHTML.slice(0, 120);
    if (document.body.contains(node) && strange.has(node.localName.toLowerCase())) found.push(`element: ${told}`);
    if (node.localName === "script" && !node.src) found.push(`script: ${told}`);
    for (const { localName, value } of node.attributes) {
      if (/^(on|style$|srcdoc$|formaction$)/i.test(localName)) found.push(`attribute: ${told}`);
      if (!/^(href|src|action|data|poster|ping|background)$/i.test(localName)) continue;
      const { origin, protocol } = new URL(value, document.baseURI);
      if (origin !== location.origin || protocol !== location.protocol) found.push(`address: ${told}`);
    }
  }
  const unseen = /[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]/;
  for (const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walker.nextNode();) {
    const { data, parentNode } = walker.currentNode;
    if (parentNode.localName === "option") continue; // names of methods: letters, by the rules of config.toml
    if (unseen.test(data)) found.push(`shown as it is: ${parentNode.outerHTML.slice(0, 120)}`);
  }
  for (const name of ["pwned", "polluted"]) if (name in {} || name in window) found.push(`it ran: ${name}`);
  return found;
}
"""
CONFIG: Settings = {
    "methods.constructor": {"url": "http://127.0.0.1:9/", "description": " · ".join(HOSTILE)},
    "methods.toString": {"url": "http://127.0.0.1:9/?q=<script>window.pwned=1</script>"},
}
OFFERED = 12  # completions at once
COLUMNS = ["source", "method", "labels", "order_key", "size", "updated"]
KEPT = "(kept) => { for (const [name, text] of Object.entries(kept)) localStorage.setItem(`okydrom.${name}`, text); }"
# Fields of answers that hold what sources, recipients and operators wrote, or what a setting says.
FREE = {
    "address",
    "by",
    "content_type",
    "default",
    "description",
    "destination",
    "detail",
    "display",
    "env",
    "event",
}
FREE |= {"name", "note", "order_key", "rule", "source", "url", "value"}


@pytest_asyncio.fixture(loop_scope="module")
async def at(browser: Browser, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(browser, tmp_path, CONFIG) as at:
        yield at


def printable(text: str) -> str:
    """The text as a header may carry it."""
    return re.sub(r"[^ -~]", "?", text).strip()


async def answer(peer: Peer) -> None:
    """Say the text whose number is asked for, wherever an answer has room for one; at first, where it has none."""
    await hear()(peer)
    request = peer.heard[-1]
    number = re.search(rb"/(\d+)/", request)
    assert number is not None
    text = HOSTILE[int(number[1])].encode()
    line = re.sub(rb"[\x00-\x1f]", b"?", text)
    if b"\r\nokydrom-attempt: 1/" in request.lower():
        peer.writer.write(line + b"\r\n\r\n")
        return
    head = b"HTTP/1.1 410 %b\r\nContent-Type: text/html\r\nX-Evil: %b\r\nLocation: %b\r\n" % (
        line,
        line,
        line,
    )
    peer.writer.write(head + b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(text), text))
    await peer.writer.drain()


def shown(text: str) -> str:
    """The beginning of a text, as the page has to show it."""
    return text.strip().replace("\u202e", "\\u202e")[:9]


async def told(at: Desk, port: int) -> list[str]:
    """The ids of tasks that have failed, one of each text, which is in every field of it, at a destination each."""
    made = []
    for number, text in enumerate(HOSTILE):
        path = f"http://127.0.0.{number + 1}:{port}/{number}/{quote(text, safe='')}"
        kinds: list[dict[str, str]] = [
            {"body": json.dumps({text: text}), "content_type": "application/json"},
            {"body": text, "content_type": printable(text)},
            {"body_base64": base64.b64encode(f"\0\xff{text}".encode("utf-16")).decode()},
        ]
        task_id = await at.api.create(
            url=f"{path}?q={quote(text, safe='')}",
            event=text,
            labels={text[:64]: text, "tenant": text},
            order_key=text,
            headers={"X-Evil": printable(text)},
            callback={"url": path, "on": ["delivered"]},
            max_attempts=2,
            retry={"schedule": ["5ms"]},
            **kinds[number % len(kinds)],
        )
        made.append(task_id)
    await at.api.settles()
    return made


async def nothing_happened(at: Desk) -> None:
    """Nothing of what the texts say."""
    assert await at.page.evaluate(FOUND) == []
    assert at.watched.wrong == []


async def test_a_task_is_told_and_changed(at: Desk) -> None:
    page = at.page
    async with raw([answer], host="0.0.0.0") as recipient:
        made = await told(at, recipient.port)
    for task_id, text in zip(made, HOSTILE, strict=True):
        await at.watched.open(f"/tasks/{task_id}")
        await expect(page.locator(".task-head .title")).to_contain_text(shown(text))
        await expect(page.locator(".attempts tbody > tr[data-key^=attempt]")).to_have_count(2)
        for name in ("Edit…", "Resend as new…"):
            await page.get_by_role("button", name=name).click()
            await page.get_by_role("dialog").get_by_label("Event").fill(f"{text}!")
            await nothing_happened(at)
            await page.keyboard.press("Escape")
            await page.get_by_role("dialog").get_by_role("button", name="Discard it").click()
            await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_lists_and_what_they_open(at: Desk) -> None:
    page = at.page
    async with raw([answer], host="0.0.0.0") as recipient:
        await told(at, recipient.port)
    for number, text in enumerate(HOSTILE):
        key = f"http://127.0.0.1:{20_000 + number}"
        await at.api.create(url=f"{key}/x", event=text, delay="1h")
        assert (await at.api.call("POST", f"/destinations/{quote(key, safe='')}/pause", {"note": text}))[
            0
        ] == 200
        bulk = {"action": "cancel", "filter": {"event": text, "label": {text[:64]: text}}}
        _, plan = await at.api.call("POST", "/bulk", {**bulk, "dry_run": True})
        assert (await at.api.call("POST", "/bulk", {**bulk, "token": plan["token"]}))[0] == 202
    await at.watched.open("/methods")
    await expect(page.locator("main")).to_contain_text(HOSTILE[0])
    await page.evaluate(KEPT, {"columns": json.dumps(COLUMNS)})
    for path in ("/", "/?table=flow", "/destinations", "/parameters?changed=1", "/system", "/bulk"):
        await at.watched.open(path)
        await nothing_happened(at)
    await page.locator(".refs tbody a").first.click()
    await expect(page.locator("main")).to_contain_text(f"event:{HOSTILE[-1]}")
    await nothing_happened(at)

    await at.watched.open("/tasks?limit=100")
    await expect(at.rows).to_have_count(2 * len(HOSTILE))
    for text in HOSTILE:
        await expect(page.locator(".tasks tbody")).to_contain_text(shown(text))
    await page.locator(".select-bar").get_by_role("checkbox").click()
    await page.get_by_role("button", name="Retry…").click()
    await expect(page.get_by_role("dialog")).to_contain_text(HOSTILE[-1])
    await nothing_happened(at)
    await page.keyboard.press("Escape")
    await at.rows.first.get_by_role("button", name="Actions").click()
    await nothing_happened(at)


@pytest.mark.parametrize("turn", range(4))
async def test_whatever_the_service_says(at: Desk, turn: int) -> None:
    page, texts = at.page, islice(cycle(HOSTILE), turn * 7, None)
    (task_id, *_) = await at.failed(
        3, event="e", labels={"a": "b"}, headers={"X-A": "b"}, order_key="k", payload=1
    )
    await at.api.create(url=f"{at.recipient.url}/429?after=300", payload=1, max_attempts=3)
    key = quote(at.recipient.url, safe="")
    await at.api.call("POST", f"/destinations/{key}/pause", {"note": "n"})

    async def say(route: Route) -> None:
        if "/events" in route.request.url or route.request.method != "GET":
            return await route.fallback()
        said = await at.answer(route)
        if "json" not in said.headers.get("content-type", "") or said.url.endswith("/body"):
            return await route.fulfill(response=said)
        return await route.fulfill(response=said, json=poisoned(await said.json(), texts))

    await page.route("**/api/v1/**", say)
    for path in (
        "/",
        "/tasks",
        f"/tasks/{task_id}",
        "/destinations",
        "/bulk",
        "/methods",
        "/statuses",
        "/parameters",
    ):
        await at.watched.open(path)
        await nothing_happened(at)
    for path in ("/new?method=POST", "/system", "/sign-in"):
        await at.watched.open(path)
        await nothing_happened(at)
    await page.unroute_all(behavior="ignoreErrors")


def poisoned(said: Any, texts: Iterator[str], field: str = "") -> Any:
    """An answer in which each text that is not one of a known set is another."""
    if isinstance(said, dict):
        if field == "labels":
            return {next(texts): next(texts) for _ in range(3)}
        return {name: poisoned(value, texts, name) for name, value in said.items()}
    if isinstance(said, list):
        if field.endswith("headers"):
            return [[next(texts), next(texts)] for _ in range(3)]
        return [poisoned(each, texts, field) for each in said]
    return next(texts) if isinstance(said, str) and field in FREE else said


async def test_addresses_of_the_page(at: Desk) -> None:
    page = at.page
    at.watched.expect_statuses(400, 404, 422)
    every = "&".join(
        f"event={quote(text)}&label.{quote(text)}={quote(text)}&{quote(text)}=1" for text in HOSTILE
    )
    await at.watched.open(f"/tasks?{every}#{quote(HOSTILE[0])}")
    await expect(page.locator(".filter .term")).to_have_count(len(HOSTILE) + 1)
    await nothing_happened(at)
    places = (
        "/tasks?q={0}&group={0}&order={0}&cursor={0}&limit={0}&lang={0}",
        "/destinations?q={0}&state={0}&cursor={0}",
        "/parameters?q={0}&changed={0}",
        "/new?method={0}&{0}={0}",
        "/{0}?window={0}&table={0}",
        "/?window={0}&table={0}",
        "/tasks/{0}",
        "/bulk/{0}",
        "/system?cursor={0}",
    )
    for number, text in enumerate(HOSTILE):
        await at.watched.open(places[number % len(places)].format(quote(text, safe="")))
        await nothing_happened(at)


async def test_what_the_browser_has_kept(at: Desk) -> None:
    page = at.page
    await at.failed(1)
    await at.watched.open("/tasks")
    views = [{"name": text, "query": f"event={quote(text)}&{text}={text}"} for text in HOSTILE]
    await page.evaluate(
        KEPT, {"views": json.dumps([*views, *HOSTILE, None, 1]), "columns": json.dumps(HOSTILE)}
    )
    await at.watched.open("/tasks")
    await page.get_by_role("button", name="Views").click()
    await expect(page.locator(".menu")).to_contain_text(HOSTILE[-1])
    await nothing_happened(at)
    await page.locator(".menu").get_by_text(HOSTILE[1], exact=True).click()
    await expect(page.locator(".filter .term")).to_contain_text(f'event:"{HOSTILE[1]}"')
    for text in HOSTILE:
        await page.evaluate(KEPT, dict.fromkeys(("theme", "lang", "zone", "keys", "views", "columns"), text))
        await at.watched.open("/methods")
        await nothing_happened(at)


async def test_what_is_typed_offered_and_told(at: Desk) -> None:
    page = at.page
    offered = {"items": [{"value": text, "count": 7} for text in HOSTILE]}
    await page.route("**/suggest?*", lambda route: route.fulfill(json=offered))
    await at.api.create(url=f"{at.recipient.url}/ok", delay="1h")
    await at.watched.open("/tasks")
    box = page.get_by_role("combobox", name="Filter")
    await box.press_sequentially("event:x")
    await expect(page.get_by_role("option")).to_have_count(OFFERED)
    await nothing_happened(at)
    await page.get_by_role("option").first.click()
    await expect(page.locator(".filter .term")).to_contain_text(HOSTILE[0])
    for text in HOSTILE:
        await box.fill(text)
        await box.press("Enter")
        await nothing_happened(at)
    await page.keyboard.press("Control+k")
    for text in HOSTILE:
        await page.get_by_role("dialog").get_by_role("combobox").fill(text)
        await expect(page.get_by_role("option").last).to_contain_text(shown(text))
    await nothing_happened(at)
    await page.keyboard.press("Escape")
    await at.watched.open("/destinations")
    for text in (MARKUP[1], ADDRESSES[0]):
        await page.get_by_role("button", name="Pause…").click()
        await page.get_by_role("dialog").get_by_role("textbox").fill(text)
        await page.get_by_role("dialog").get_by_role("button", name="Pause").click()
        await expect(page.locator(".dests")).to_contain_text(text)
        await page.get_by_role("button", name="Resume").click()
        await expect(page.get_by_role("button", name="Pause…")).to_be_visible()
        await nothing_happened(at)


async def test_what_is_taken_for_more_than_text_is_noticed(at: Desk) -> None:
    page = at.page
    await at.watched.open("/methods")
    for text in MARKUP:
        await page.evaluate("(text) => { document.querySelector('main').innerHTML = text; }", text)
        assert await page.evaluate(FOUND) != [], text
    await page.evaluate("document.querySelector('main').replaceChildren()")
    assert await page.evaluate(FOUND) == []
    for text in ADDRESSES:
        await page.evaluate("(text) => document.querySelector('a').setAttribute('href', text)", text)
        assert len(await page.evaluate(FOUND)) == 1, text
    await wait_until(lambda: any("policy: script-src" in line for line in at.watched.wrong))
    await page.reload()  # until all of it is told
    at.watched.wrong.clear()
