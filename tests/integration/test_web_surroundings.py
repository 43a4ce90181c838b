"""What surrounds every call: headers, problem documents, hosts and origins, probes, the page, broken HTTP."""

import asyncio
import itertools
import re
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import orjson
import pytest

from okydrom.errors import DiskFull
from okydrom.web import keys
from okydrom.web.pages import SCREENS
from okydrom.web.routes import ROUTES
from tests.support.inside import Inside, inside
from tests.support.wait import wait_until

ID = "01938f3c-7d2a-7c31-9d3b-0d9c5a1f6e20"
EVERY_ANSWER = {
    "Server": "Okydrom",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, server={"header_timeout": 300}) as running:
        yield running


def paths() -> list[tuple[str, str]]:
    called = [(route.verb, route.path.replace("{id}", ID).replace("{key}", "x")) for route in ROUTES]
    pages = [("GET", path.replace("{id}", "x")) for path in SCREENS]
    return [
        *called,
        *pages,
        ("GET", "/nothing"),
        ("GET", "/api/v1/nothing"),
        ("PUT", "/api/v1/tasks"),
        ("GET", "/ui/0/x.js"),
    ]


async def test_every_answer_carries_the_same_protection(service: Inside) -> None:
    for verb, path in paths():
        await check_protection(service, verb, path)


async def check_protection(service: Inside, verb: str, path: str) -> None:
    answer = await service.call(verb, path)
    assert {name: answer.headers.get(name) for name in EVERY_ANSWER} == EVERY_ANSWER
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-Id"]
    if path.startswith("/api/"):
        assert answer.headers["Cache-Control"] == "no-store"
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["request_id"] == answer.headers["X-Request-Id"]
        assert answer.json["status"] == answer.status


async def test_no_verb_but_those_of_the_table_is_answered(service: Inside) -> None:
    for route in ROUTES:
        path = route.path.replace("{id}", ID).replace("{key}", "x")
        answer = await service.call("PUT", path)
        assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")
        assert route.verb in answer.headers["Allow"]


async def test_request_ids_differ(service: Inside) -> None:
    ids = {(await service.call("GET", "/livez")).headers["X-Request-Id"] for _ in range(10)}
    assert len(ids) == 10


async def test_a_foreign_host_is_421_but_for_the_probes(service: Inside) -> None:
    for route in ROUTES:
        path = route.path.replace("{id}", ID).replace("{key}", "x")
        answer = await service.call(route.verb, path, Host="rebound.example.com")
        exempt = path in ("/livez", "/readyz", "/metrics")
        assert (answer.status == 421) is not exempt
        assert exempt or answer.json["code"] == "wrong_host"


async def test_an_absolute_target_does_not_replace_the_host(service: Inside) -> None:
    target = f"GET http://localhost:{service.port}/api/v1/session HTTP/1.1\r\n".encode()
    answer = await service.raw(target + b"Host: example.com\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 421 ")


async def test_two_hosts_are_refused(service: Inside) -> None:
    head = (
        b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nHost: example.com\r\nConnection: close\r\n\r\n"
    )
    assert (await service.raw(head)).split()[1] in (b"400", b"421")


SITES = (None, "same-origin", "none", "same-site", "cross-site")
ORIGINS = (None, "own", "http://example.com", "null")


async def test_only_our_own_pages_change_anything(service: Inside) -> None:
    for site, origin in itertools.product(SITES, ORIGINS):
        await check_origin(service, site, origin)
    assert (await service.get("/tasks")).json["items"] == []


async def check_origin(service: Inside, site: str | None, origin: str | None) -> None:
    headers = {"Content_Type": "application/json"}
    if site:
        headers["Sec_Fetch_Site"] = site
    if origin:
        headers["Origin"] = service.url if origin == "own" else origin
    allowed = site in (None, "same-origin", "none") and origin in (None, "own")
    for route in ROUTES:
        if route.verb == "GET":
            continue
        answer = await service.call(route.verb, route.path.replace("{id}", ID), b"{}", **headers)
        assert answer.status in ((204, 404, 409, 422) if allowed else (403,))
        assert allowed or answer.json["code"] == "cross_site"


async def test_the_probes_say_alive_and_why_not_ready(service: Inside) -> None:
    assert (await service.call("GET", "/livez")).json == {"status": "ok"}
    ready = await service.call("GET", "/readyz")
    assert (ready.status, ready.json) == (200, {"ready": True, "reasons": []})
    trouble = DiskFull("No space.", free=1)
    app = service.app
    handler = app[keys.TROUBLES]
    try:
        app._state[keys.TROUBLES] = lambda: [trouble]
        ready = await service.call("GET", "/readyz")
        session = await service.get("/session")
    finally:
        app._state[keys.TROUBLES] = handler
    assert (ready.status, ready.headers["Retry-After"]) == (503, "1")
    assert ready.json["reasons"] == [{"code": "disk_full", "detail": "No space.", "params": {"free": 1}}]
    assert session.json["ready"] is False
    assert (await service.call("GET", "/livez")).status == 200


async def test_a_path_before_all_paths(tmp_path: Path) -> None:
    async with inside(tmp_path, server={"url_prefix": "/okydrom"}) as service:
        assert (await service.call("GET", "/okydrom/readyz")).status == 200
        assert (await service.call("GET", "/okydrom/livez", Host="example.com")).status == 200
        assert (await service.call("GET", "/readyz")).status == 404
        answer = await service.call(
            "POST", "/okydrom/api/v1/tasks", b'{"url":"http://127.0.0.1:1/"}', Content_Type="application/json"
        )
        assert answer.headers["Location"] == f"/okydrom/api/v1/tasks/{answer.json['id']}"
        assert (await service.call("GET", answer.headers["Location"])).status == 200


async def test_the_page_and_its_files_are_served(service: Inside) -> None:
    page = await service.call("GET", "/", Accept="text/html")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    script = await service.call("GET", main_script(page.body), Accept_Encoding="gzip")
    assert (script.status, script.headers["Content-Encoding"]) == (200, "gzip")
    lost = await service.call("GET", "/nowhere", Accept="text/html")
    assert (lost.status, lost.headers["Content-Type"]) == (404, page.headers["Content-Type"])
    assert b"screens/overview.js" in page.body
    assert b"screens/absent.js" in lost.body
    assert (await service.call("HEAD", "/tasks")).body == b""


def main_script(page: bytes) -> str:
    found = re.search(rb'"(/ui/\w+/js/main\.js)"', page)
    assert found
    return found[1].decode()


TRAVERSALS = [
    "../../pyproject.toml",
    "..%2f..%2fpyproject.toml",
    "%2e%2e/%2e%2e/pyproject.toml",
    "%2e%2e%2f%2e%2e%2fpyproject.toml",
    "..%252f..%252fpyproject.toml",
    "..\\..\\pyproject.toml",
    "..%5c..%5cpyproject.toml",
    "....//....//pyproject.toml",
    "..;/..;/pyproject.toml",
    "js/../../../pyproject.toml",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "..%c0%af..%c0%afpyproject.toml",
    "js/main.js%00.txt",
    "file:///etc/passwd",
]


async def test_no_way_of_writing_a_path_leads_out_of_the_files(service: Inside) -> None:
    root = main_script((await service.call("GET", "/")).body).removesuffix("js/main.js")
    for path in TRAVERSALS:
        answer = await service.raw(
            f"GET {root}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        assert answer.startswith(b"HTTP/1.1 404 "), (path, answer)
        assert b"[project]" not in answer
        assert b"root:" not in answer


BROKEN = {
    "no http": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "header without colon": b"GET /livez HTTP/1.1\r\nHost localhost\r\n\r\n",
    "space before colon": b"GET /livez HTTP/1.1\r\nHost : localhost\r\n\r\n",
    "nul in a header": b"GET /livez HTTP/1.1\r\nHost: local\x00host\r\n\r\n",
    "two lengths": b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    "length and chunks": b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "huge length": b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
    + b"9" * 40
    + b"\r\n\r\n",
    "long line": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "long header": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    "many headers": b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 5_000 + b"\r\n",
    "bad chunk size": b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n",
}


async def test_what_is_no_http_is_400_without_naming_versions(service: Inside) -> None:
    for name, data in BROKEN.items():
        check_refusal(name, await service.raw(data))


def check_refusal(name: str, answer: bytes) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), name
    assert b"Server: Okydrom\r\n" in head
    assert b"application/problem+json" in head
    assert b"aiohttp" not in answer
    assert b"Python" not in answer
    assert b'"code":"bad_request"' in body


async def test_an_expectation_that_nobody_knows_is_417(service: Inside) -> None:
    head = b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: wonders\r\n"
    answer = await service.raw(head + b"Connection: close\r\n\r\n{}")
    assert answer.startswith(b"HTTP/1.1 417 ")
    assert b"aiohttp" not in answer


async def test_an_expectation_that_is_no_text_is_417_wherever_it_goes(service: Inside) -> None:
    for verb, path in paths():
        head = f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: ".encode()
        answer = await service.raw(head + b"\xff\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 417 "), (verb, path)
        assert b"application/problem+json" in answer
        assert b'"code":"expectation_failed"' in answer


async def test_a_client_that_asks_whether_to_go_on_is_told_so(service: Inside) -> None:
    head = (
        b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/json\r\nConnection: close\r\n\r\n"
    )
    answer = await service.raw(head + b"{}")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 422 ")


async def test_half_a_head_is_not_waited_for(service: Inside) -> None:
    assert await service.raw(b"GET /livez HTTP/1.1\r\nHost: loc", timeout=3) == b""


async def test_a_head_that_comes_in_pieces_is_answered_and_its_connection_stays(service: Inside) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        for _ in range(3):
            async with session.get(service.url + "/livez") as answer:
                assert answer.status == 200
    pieces = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer_bytes = await service.raw(pieces)
    assert answer_bytes.startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_does_not_take_its_answers_is_cut_off(tmp_path: Path) -> None:
    async with inside(tmp_path, server={"body_timeout": 300}) as service:
        made = await service.create(body="x" * 900_000)
        wanted = f"GET /api/v1/tasks/{made}/body HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", service.port))
            await loop.sock_sendall(client, wanted * 20)
            await wait_until(lambda: service.connections == 2, 5, "it is connected, beside our own client")
            await wait_until(lambda: service.connections == 1, 5, "it is cut off")
        assert len((await service.get(f"/tasks/{made}/body")).body) == 900_000


async def test_who_asks_ahead_and_takes_no_answer_is_cut_off_all_the_same(tmp_path: Path) -> None:
    async with inside(tmp_path, server={"body_timeout": 300}) as service:
        made = await service.create(body="x" * 900_000)
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, ("127.0.0.1", service.port))
            wanted = f"GET /api/v1/tasks/{made}/body HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            await loop.sock_sendall(client, wanted * 10)
            await wait_until(lambda: service.connections == 2, 5, "it is connected, beside our own client")

            async def gone() -> bool:
                with suppress(OSError):
                    await loop.sock_sendall(client, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return service.connections == 1

            await wait_until(gone, 5, "it is cut off")


async def test_clients_that_leave_are_forgotten(service: Inside) -> None:
    with pytest.raises(TimeoutError):
        await service.raw(
            b"POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{", timeout=0.1
        )

    async def answers() -> bool:
        return (await service.call("GET", "/livez")).status == 200

    await wait_until(answers)


async def test_clients_beyond_the_limit_are_told_to_come_again(tmp_path: Path) -> None:
    async with inside(tmp_path, 3) as service:
        assert (await service.call("GET", "/livez")).status == 200  # our own client stays connected
        idle = [await asyncio.open_connection("127.0.0.1", service.port) for _ in range(2)]
        await wait_until(lambda: service.connections == 3)
        for _ in range(5):
            answer = await service.raw(b"")
            assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert b"\r\nRetry-After: 1\r\n" in answer
            check_whole(answer)
        assert service.connections == 3
        assert await service.create()
        for _, writer in idle:
            writer.close()
        await wait_until(lambda: service.connections == 1)
        live = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert (await service.raw(live)).startswith(b"HTTP/1.1 200 ")


def check_whole(answer: bytes) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}\r\n".encode() in head
    assert orjson.loads(body)["code"] == "unavailable"
