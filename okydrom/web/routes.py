"""The table of calls. Routing is made of it, and so is whatever describes the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from okydrom.config.settings import Settings
from okydrom.web import catalogue, create, destinations, health, live, tasks
from okydrom.web.access import Access
from okydrom.web.keys import CREATE, SETTINGS
from okydrom.web.middleware import surround
from okydrom.web.pages import PATHS, Pages

API = "/api/v1"
PROBES = ("/livez", "/readyz")


class Route(msgspec.Struct, frozen=True):
    """One call: verb, path, what answers, and what it is for."""

    verb: str
    path: str
    handler: Handler
    summary: str


ROUTES = (
    Route("POST", f"{API}/tasks", create.create, "Create a task"),
    Route("GET", f"{API}/tasks", tasks.index, "List tasks"),
    Route("GET", f"{API}/tasks/count", tasks.count, "Count tasks by status"),
    Route("GET", f"{API}/tasks/{{id}}", tasks.show, "Show a task"),
    Route("GET", f"{API}/tasks/{{id}}/attempts", tasks.attempts, "List a task's attempts"),
    Route("GET", f"{API}/tasks/{{id}}/body", tasks.body, "Download a task's body"),
    Route("POST", f"{API}/tasks/{{id}}/cancel", tasks.cancel, "Withdraw a task"),
    Route("POST", f"{API}/tasks/{{id}}/retry", tasks.retry, "Grant new attempts, or send at once"),
    Route("GET", f"{API}/statuses", catalogue.statuses, "List the statuses"),
    Route("GET", f"{API}/methods", catalogue.methods, "List the methods"),
    Route("GET", f"{API}/parameters", catalogue.settings, "List the service's parameters"),
    Route("GET", f"{API}/destinations", destinations.index, "List destinations"),
    Route("GET", f"{API}/destinations/{{key}}", destinations.show, "Show a destination"),
    Route("GET", f"{API}/stats", live.stats, "Figures of this moment"),
    Route("GET", f"{API}/session", health.session, "Who is calling, and whom"),
    Route("GET", "/livez", health.livez, "Is the process alive"),
    Route("GET", "/readyz", health.readyz, "Does it take tasks, and if not, why"),
)


def application(settings: Settings, static: Path, boot: str) -> web.Application:
    """The web application; its keys (see `keys`) are still to be filled.

    `static` holds the page's files; `boot` begins the request ids of this process.
    """
    prefix = settings.server.url_prefix
    pages = Pages(static, prefix, settings.ui.lang)
    access = Access(settings.server.host, settings.server.hosts, [prefix + path for path in PROBES])
    surrounded = surround(access, boot, pages.lost)
    app = web.Application(middlewares=[surrounded])
    app[SETTINGS] = settings
    app[CREATE] = lambda request: surrounded(request, create.create)
    for route in ROUTES:
        _add(app, route.verb, prefix + route.path, route.handler)
    for path in PATHS:
        _add(app, "GET", prefix + path, pages.index)
    _add(app, "GET", f"{prefix}/ui/{{version}}/{{name:.+}}", pages.asset)
    return app


def _add(app: web.Application, verb: str, path: str, handler: Handler) -> None:
    add: Callable[..., object] = app.router.add_get if verb == "GET" else app.router.add_post
    add(path, handler)
