"""Who may call what, over real sockets: tokens, roles, sessions, and web pages of other sites."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson
import pytest

from okydrom.config.settings import Token
from okydrom.web.caller import Role
from okydrom.web.cookie import COOKIE
from okydrom.web.routes import ROUTES, Route
from okydrom.web.throttle import FAILURES
from tests.support.inside import Answered, Inside, inside
from tests.support.recipient import receiving
from tests.support.wait import wait_until

SECRETS = {role: f"oky_{role}-secret" for role in Role}
SHOP = "oky_shop-secret"
ID = "018bcfe5-6800-7000-8000-000000000001"
JSON = "application/json"


def token(name: str, role: Role, secret: str) -> Token:
    return Token(name, role.value, hashlib.sha256(secret.encode()).hexdigest())


TOKENS = (
    *(token(role.value, role, secret) for role, secret in SECRETS.items()),
    token("shop", Role.SOURCE, SHOP),
)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Inside]:
    async with inside(tmp_path, auth={"tokens": TOKENS}) as running:
        yield running


def bearer(secret: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {secret}"}


async def call(service: Inside, route: Route, **headers: str) -> Answered:
    """A route with whatever body."""
    path = route.path.replace("{id}", ID).replace("{key}", "http%3A%2F%2Fa%3A80")
    body = None if route.verb == "GET" else b"{}"
    return await service.call(route.verb, path, body, **{"Content_Type": JSON} | headers)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {SECRETS[Role.OPERATOR][:-1]}",
        f"Bearer {SECRETS[Role.OPERATOR]}x",
        f"Basic {SECRETS[Role.OPERATOR]}",
        SECRETS[Role.OPERATOR],
        "Bearer ключ",
        "Bearer " + "x" * 4_000,
        f"Bearer {hashlib.sha256(SECRETS[Role.OPERATOR].encode()).hexdigest()}",
    ],
)
async def test_what_is_no_token_opens_nothing(service: Inside, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    for route in ROUTES:
        answer = await call(service, route, **headers)
        if route.roles:
            assert answer.status == (401 if given is None else answer.status)
            assert answer.status in (401, 429), route
            if answer.status == 401:
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        else:
            assert answer.status < 500 or answer.status == 503
    assert (await service.get("/tasks", **bearer(SECRETS[Role.VIEWER]))).json["items"] == []


@pytest.mark.proof
@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_do_what_the_table_says(
    service: Inside, role: Role, figure: Callable[[str], None]
) -> None:
    asked = [route for route in ROUTES if route.roles]
    figure(f"{role}: {sum(role in route.roles for route in asked)} of {len(asked)} calls")
    for route in asked:
        answer = await call(service, route, **bearer(SECRETS[role]))
        if role in route.roles:
            assert answer.status not in (401, 403), route
            assert answer.status < 500, route
        else:
            assert (answer.status, answer.json["code"]) == (403, "forbidden"), route


def test_every_call_that_changes_something_asks_for_a_role() -> None:
    for route in ROUTES:
        if route.verb != "GET" and not route.path.endswith("/session"):
            assert route.roles
            assert Role.VIEWER not in route.roles


async def create(service: Inside, secret: str, url: str, **fields: object) -> str:
    """The id of a task that a token's owner handed in."""
    body = orjson.dumps({"url": url, "retry": {"schedule": ["1h"]}} | fields)
    answer = await service.post(body, **bearer(secret))
    assert answer.status == 202, answer.body
    return str(answer.json["id"])


async def test_a_source_sees_and_cancels_its_own_tasks_alone(service: Inside) -> None:
    own, other = bearer(SECRETS[Role.SOURCE]), bearer(SHOP)
    mine = await create(service, SECRETS[Role.SOURCE], "http://127.0.0.1:1/")
    theirs = await create(service, SHOP, "http://127.0.0.1:1/")
    assert [task["id"] for task in (await service.get("/tasks", **own)).json["items"]] == [mine]
    assert (await service.get("/tasks?source=shop", **own)).json["items"] == []
    assert (await service.get("/tasks/count?source=shop", **own)).json["total"] == 0
    assert (await service.get("/tasks/count", **other)).json["total"] == 1
    for path in ("", "/attempts", "/body"):
        assert (await service.get(f"/tasks/{theirs}{path}", **own)).status == 404
        assert (await service.get(f"/tasks/{mine}{path}", **own)).status == 200
    refused = await service.call("POST", f"/api/v1/tasks/{theirs}/cancel", **own)
    assert refused.status == 404
    cancelled = await service.call("POST", f"/api/v1/tasks/{mine}/cancel", **own)
    assert (cancelled.status, cancelled.json["source"]) == (200, "source")
    everything = await service.get("/tasks", **bearer(SECRETS[Role.VIEWER]))
    assert {task["source"] for task in everything.json["items"]} == {"source", "shop"}


async def test_a_source_does_not_see_what_recipients_answer(service: Inside) -> None:
    async with receiving() as recipient:
        task = await create(service, SHOP, f"{recipient.url}/echo", body="internal-answer")
        viewer = bearer(SECRETS[Role.VIEWER])

        async def attempted() -> bool:
            return bool((await service.get(f"/tasks/{task}/attempts", **viewer)).json["items"])

        await wait_until(attempted)
        (seen,) = (await service.get(f"/tasks/{task}/attempts", **viewer)).json["items"]
        (own,) = (await service.get(f"/tasks/{task}/attempts", **bearer(SHOP))).json["items"]
    assert (seen["response_size"], own["response_size"]) == (len(b"internal-answer"), 0)
    assert (own["response_body"], own["response_headers"], own["code"]) == ("", [], 200)
    assert (seen["address"], own["address"]) == (recipient.url.partition("://")[2], None)


async def sign_in(service: Inside, secret: str, **headers: str) -> Answered:
    return await service.call(
        "POST", "/api/v1/session", orjson.dumps({"token": secret}), Content_Type=JSON, **headers
    )


async def test_a_page_signs_in_acts_and_signs_out(service: Inside) -> None:
    nobody = (await service.get("/session")).json
    assert (nobody["auth"], nobody["name"], nobody["allowed"]) == ("token", None, [])
    answer = await sign_in(service, SECRETS[Role.OPERATOR], Sec_Fetch_Site="same-origin")
    assert (answer.status, answer.body) == (204, b"")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    held = {"Cookie": cookie.partition(";")[0]}
    session = (await service.get("/session", **held)).json
    assert (session["name"], session["role"], session["allowed"]) == (
        "operator",
        "operator",
        ["read", "create", "act"],
    )
    body = orjson.dumps({"url": "http://127.0.0.1:1/"})
    assert (await service.post(body, **held, Sec_Fetch_Site="same-origin")).status == 202
    assert (await service.post(body, **held, Origin=service.url)).status == 202
    assert (await service.post(body, **held)).json["code"] == "cross_site"
    assert (await service.post(body, **held, Sec_Fetch_Site="cross-site")).status == 403
    assert (await service.call("DELETE", "/api/v1/session", **held)).json["code"] == "cross_site"
    out = await service.call("DELETE", "/api/v1/session", **held, Sec_Fetch_Site="same-origin")
    assert (out.status, f"{COOKIE}=" in out.headers["Set-Cookie"]) == (204, True)
    for told in ({"X_Forwarded_Proto": "https"}, {"Origin": service.url.replace("http:", "https:")}):
        by_tls = await sign_in(service, SECRETS[Role.OPERATOR], **told)
        assert "Secure" in by_tls.headers["Set-Cookie"]


async def test_a_session_outlives_a_restart_and_ends_with_its_token(tmp_path: Path) -> None:
    async with inside(tmp_path, auth={"tokens": TOKENS}) as service:
        cookie = (await sign_in(service, SHOP)).headers["Set-Cookie"].partition(";")[0]
    async with inside(tmp_path, auth={"tokens": TOKENS}) as service:
        assert (await service.get("/session", Cookie=cookie)).json["name"] == "shop"
    assert (tmp_path / "data" / "session.key").stat().st_mode & 0o777 == 0o600
    async with inside(tmp_path, auth={"tokens": TOKENS[:-1]}) as service:
        assert (await service.get("/tasks", Cookie=cookie)).status == 401


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"token": 1}', b'{"token": "x", "a": 1}', b"\xff"])
async def test_what_is_no_sign_in_is_said(service: Inside, body: bytes) -> None:
    answer = await service.call("POST", "/api/v1/session", body, Content_Type=JSON)
    assert answer.status == 422
    assert answer.faults == [("/token", "required")]


async def test_wrong_tokens_are_slowed_down_and_right_ones_pass(service: Inside) -> None:
    statuses = [(await service.get("/tasks", **bearer("wrong"))).status for _ in range(FAILURES + 1)]
    assert statuses == [401] * FAILURES + [429]
    late = await service.get("/tasks", **bearer("wrong"))
    assert (late.json["code"], int(late.headers["Retry-After"]) > 0) == ("too_many_failures", True)
    assert (await service.get("/tasks", **bearer(SHOP))).status == 200
    assert (await sign_in(service, SHOP)).status == 429


async def test_nobody_signs_in_where_nobody_is_asked(tmp_path: Path) -> None:
    async with inside(tmp_path) as service:
        assert (await sign_in(service, "x")).status == 409
        assert (await service.get("/session")).json["auth"] == "none"
        # A page that was rebound to our address may send what it likes.
        assert (await service.get("/tasks", Host="example.com", Authorization="Bearer x")).status == 421


async def test_a_token_answers_for_any_host(service: Inside) -> None:
    assert (await service.get("/tasks", Host="example.com")).status == 421
    assert (await service.get("/tasks", Host="example.com", **bearer(SHOP))).status == 200


async def test_a_source_hands_in_no_faster_than_it_may(tmp_path: Path) -> None:
    limits = {"source_rate": 0.001, "source_burst": 2}
    async with inside(tmp_path, auth={"tokens": TOKENS}, limits=limits) as service:
        body = orjson.dumps({"url": "http://127.0.0.1:1/"})
        statuses = [(await service.post(body, **bearer(SHOP))).status for _ in range(3)]
        assert statuses == [202, 202, 429]
        assert (await service.post(body, **bearer(SECRETS[Role.SOURCE]))).status == 202
        refused = await service.post(body, **bearer(SHOP))
        assert (refused.json["code"], int(refused.headers["Retry-After"]) > 1) == ("source_limit", True)


HOSTS = ("own", "example.com")
SITES = (None, "same-origin", "none", "same-site", "cross-site")
ORIGINS = (None, "own", "http://example.com", "null")
TYPES = (JSON, "text/plain", None)


@pytest.mark.proof
async def test_only_pages_of_ours_change_anything(service: Inside, figure: Callable[[str], None]) -> None:
    """Host × Origin × Sec-Fetch-Site × Content-Type, on every unsafe route, with a session's cookie."""
    cookie = (await sign_in(service, SECRETS[Role.OPERATOR])).headers["Set-Cookie"].partition(";")[0]
    tried = 0
    unsafe = [route for route in ROUTES if route.verb != "GET"]
    for route, host, site, origin, kind in itertools.product(unsafe, HOSTS, SITES, ORIGINS, TYPES):
        headers = {"Cookie": cookie}
        headers |= {"Host": host} if host != "own" else {}
        headers |= {"Sec_Fetch_Site": site} if site else {}
        headers |= {"Origin": service.url if origin == "own" else origin} if origin else {}
        headers |= {"Content_Type": kind} if kind else {"Content_Type": ""}
        answer = await call(service, route, **headers)
        ours = site in (None, "same-origin", "none") and origin in (None, "own")
        told = site is not None or origin is not None
        tried += 1
        if host != "own":
            assert answer.status == 421, (route, headers)
        elif not ours:
            assert answer.status == 403, (route, headers)
        elif not told and not signs_in(route):
            assert (answer.status, answer.json["code"]) == (403, "cross_site"), (route, headers)
        else:
            assert answer.status not in (403, 421, 500), (route, headers)
    figure(f"{tried} combinations")
    assert (await service.get("/tasks", Cookie=cookie)).json["items"] == []


def signs_in(route: Route) -> bool:
    """It brings a token of its own."""
    return route.verb == "POST" and route.path.endswith("/session")


@pytest.mark.proof
async def test_exactly_the_allowed_combinations_create_a_task(
    service: Inside, figure: Callable[[str], None]
) -> None:
    """The control of the test above: with a right body it depends on the headers alone."""
    cookie = (await sign_in(service, SECRETS[Role.OPERATOR])).headers["Set-Cookie"].partition(";")[0]
    body, made, tried = orjson.dumps({"url": "http://127.0.0.1:1/", "retry": {"schedule": ["1h"]}}), 0, 0
    for host, site, origin, kind in itertools.product(HOSTS, SITES, ORIGINS, TYPES):
        headers = {"Cookie": cookie, "Content_Type": kind or ""}
        headers |= {"Host": host} if host != "own" else {}
        headers |= {"Sec_Fetch_Site": site} if site else {}
        headers |= {"Origin": service.url if origin == "own" else origin} if origin else {}
        allowed = (
            (host, kind) == ("own", JSON)
            and site in (None, "same-origin", "none")
            and origin in (None, "own")
            and (site or origin)
        )
        assert ((await service.post(body, **headers)).status == 202) is bool(allowed), headers
        made, tried = made + bool(allowed), tried + 1
    assert (await service.get("/tasks/count", Cookie=cookie)).json["total"] == made > 0
    figure(f"{made} of {tried} combinations create")
