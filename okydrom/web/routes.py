"""The table of calls. Routing is made of it, and so is whatever describes the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from okydrom.config.settings import Settings
from okydrom.feed import Feed
from okydrom.times import steady
from okydrom.web import (
    audit,
    bulk,
    catalogue,
    commands,
    create,
    destinations,
    events,
    explain,
    health,
    live,
    metrics,
    orders,
    session,
    suggest,
    tasks,
    trouble,
)
from okydrom.web.access import Access
from okydrom.web.auth import Authority
from okydrom.web.caller import ALL, ANYBODY, CALLER, CREATORS, OPERATORS, READERS, Role
from okydrom.web.exports import Exports
from okydrom.web.keys import AUTHORITY, CREATE, EXPORTS, FEED, HUB, OPENAPI, QUOTA, SETTINGS, VOCABULARY
from okydrom.web.middleware import surround
from okydrom.web.openapi import serving
from okydrom.web.openapi.document import document
from okydrom.web.pages import SCREENS, Pages
from okydrom.web.quota import Quota
from okydrom.web.vocabulary import Vocabulary

API = "/api/v1"
MACHINES = ("/livez", "/readyz", "/metrics")  # they ask by whatever name or address they were told


class Route(msgspec.Struct, frozen=True):
    """One call: verb, path, who may, what answers, and what it is for."""

    verb: str
    path: str
    roles: frozenset[Role]  # who may
    handler: Handler
    summary: str


ROUTES = (
    Route("POST", f"{API}/tasks", CREATORS, create.create, "Create a task"),
    Route("GET", f"{API}/tasks", ALL, tasks.index, "List tasks"),
    Route("GET", f"{API}/tasks/count", ALL, tasks.count, "Count tasks by status"),
    Route("GET", f"{API}/tasks/{{id}}", ALL, tasks.show, "Show a task"),
    Route("GET", f"{API}/tasks/{{id}}/attempts", ALL, tasks.attempts, "List a task's attempts"),
    Route("GET", f"{API}/tasks/{{id}}/body", ALL, tasks.body, "Download a task's body"),
    Route(
        "GET",
        f"{API}/tasks/{{id}}/explain",
        ALL,
        explain.show,
        "Explain where a task is, and what comes next",
    ),
    Route("PATCH", f"{API}/tasks/{{id}}", OPERATORS, commands.edit, "Edit a task"),
    Route("DELETE", f"{API}/tasks/{{id}}", OPERATORS, commands.delete, "Erase a task"),
    Route("POST", f"{API}/tasks/{{id}}/cancel", CREATORS, commands.cancel, "Withdraw a task"),
    Route(
        "POST", f"{API}/tasks/{{id}}/retry", OPERATORS, commands.retry, "Grant new attempts, or send at once"
    ),
    Route("POST", f"{API}/tasks/{{id}}/resend", OPERATORS, commands.resend, "Send a copy as a new task"),
    Route("POST", f"{API}/bulk", OPERATORS, bulk.create, "Plan a bulk operation, or carry it out"),
    Route("GET", f"{API}/bulk", READERS, bulk.index, "List bulk operations"),
    Route("GET", f"{API}/bulk/{{id}}", READERS, bulk.show, "Show a bulk operation"),
    Route("DELETE", f"{API}/bulk/{{id}}", OPERATORS, bulk.stop, "Stop a bulk operation"),
    Route("GET", f"{API}/statuses", ALL, catalogue.statuses, "List the statuses"),
    Route("GET", f"{API}/methods", ALL, catalogue.methods, "List the methods"),
    Route("GET", f"{API}/parameters", READERS, catalogue.settings, "List the service's parameters"),
    Route("GET", f"{API}/destinations", READERS, destinations.index, "List destinations"),
    Route("GET", f"{API}/destinations/{{key}}", READERS, destinations.show, "Show a destination"),
    Route("PATCH", f"{API}/destinations/{{key}}", OPERATORS, orders.limit, "Limit what is sent there"),
    Route("POST", f"{API}/destinations/{{key}}/pause", OPERATORS, orders.pause, "Stop sending there"),
    Route("POST", f"{API}/destinations/{{key}}/resume", OPERATORS, orders.resume, "End a pause"),
    Route("POST", f"{API}/destinations/{{key}}/release", OPERATORS, orders.release, "End a hold"),
    Route("POST", f"{API}/destinations/{{key}}/probe", OPERATORS, orders.probe, "Make one attempt now"),
    Route("GET", f"{API}/problems", READERS, trouble.index, "List what is wrong now"),
    Route("GET", f"{API}/stats", READERS, live.stats, "Figures of this moment and of a window of time"),
    Route("GET", f"{API}/events", READERS, events.index, "Hear what changes"),
    Route("GET", f"{API}/suggest", READERS, suggest.index, "Complete a word of a filter"),
    Route("GET", f"{API}/session", ANYBODY, session.show, "Who is calling, and whom"),
    Route("POST", f"{API}/session", ANYBODY, session.sign_in, "Sign in with a token"),
    Route("DELETE", f"{API}/session", ANYBODY, session.sign_out, "Sign out"),
    Route("GET", f"{API}/audit", READERS, audit.index, "List what operators changed"),
    Route("GET", "/livez", ANYBODY, health.livez, "Is the process alive"),
    Route("GET", "/readyz", ANYBODY, health.readyz, "Does it take tasks, and if not, why"),
    Route("GET", "/metrics", READERS, metrics.show, "Figures for Prometheus"),
    Route("GET", "/openapi.json", ALL, serving.show, "Describe all calls"),
)


def application(settings: Settings, static: Path, boot: str, now: Callable[[], int]) -> web.Application:
    """The web application; its keys (see `keys`) are still to be filled.

    `static` holds the page's files; `boot` begins the request ids of this process; `now` in epoch ms.
    """
    prefix = settings.server.url_prefix
    pages = Pages(static, prefix, settings.ui.lang)
    authority = Authority(settings.auth, now)
    exempt = [prefix + path for path in MACHINES]
    access = Access(settings.server.host, settings.server.hosts, exempt, asked=not authority.open)
    surrounded = surround(access, boot, pages.lost)
    app = web.Application(middlewares=[surrounded])
    app[SETTINGS] = settings
    app[AUTHORITY] = authority
    app[OPENAPI] = document(ROUTES, prefix, asked=not authority.open)
    limits = settings.limits
    app[QUOTA] = Quota(limits.source_rate, limits.source_burst, steady)
    app[EXPORTS] = Exports()
    app[FEED] = Feed()
    app[HUB] = events.hub_of(app, boot, app[FEED])
    app.on_shutdown.extend((app[EXPORTS].end, app[HUB].end))
    app[VOCABULARY] = Vocabulary()
    creating = guarded(authority, CREATORS, create.create)
    app[CREATE] = lambda request: surrounded(request, creating)
    for route in ROUTES:
        _add(app, route.verb, prefix + route.path, guarded(authority, route.roles, route.handler))
    for path, screen in SCREENS.items():
        _add(app, "GET", prefix + path, pages.index(screen))
    _add(app, "GET", f"{prefix}/ui/{{version}}/{{name:.+}}", pages.asset)
    return app


def guarded(authority: Authority, roles: frozenset[Role], handler: Handler) -> Handler:
    """`handler` for callers of these roles; it is handed who calls. Where nobody is asked, it is as it was."""
    if authority.open or not roles:
        return handler

    async def admitted(request: web.Request) -> web.StreamResponse:
        request[CALLER] = authority.admit(request, roles)
        return await handler(request)

    return admitted


def _add(app: web.Application, verb: str, path: str, handler: Handler) -> None:
    if verb == "GET":
        app.router.add_get(path, handler)  # HEAD too
    else:
        app.router.add_route(verb, path, handler)
