"""The page for people: the files of static/, held in memory. Nothing is looked up on disk after the start.

    /  /tasks  /tasks/{id} …            index.html, never cached unchecked
    {prefix}/ui/{hash of all files}/…   everything else, for ever

In index.html `{{assets}}` stands for the second path, `{{base}}` for the prefix, `{{lang}}` for the language,
`{{modules}}` for what the screen of the path is made of.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from pathlib import Path

import msgspec
from aiohttp import web

from okydrom.errors import NotFound
from okydrom.web.answers import SAFE
from okydrom.web.modules import modules_of

INDEX = "index.html"
MAIN = "js/main.js"
ABSENT = "absent"
SCREENS: Mapping[str, str] = {
    "/": "overview",
    "/tasks": "tasks",
    "/tasks/{id}": "task",
    "/destinations": "destinations",
    "/bulk": "bulk",
    "/bulk/{id}": "operation",
    "/methods": "methods",
    "/statuses": "statuses",
    "/parameters": "parameters",
    "/system": "system",
    "/new": "composer",
    "/sign-in": "signin",
}
TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
WORTH_PACKING = 1024  # bytes

_SAFE = SAFE | {"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY"}


class Asset(msgspec.Struct, frozen=True):
    """A file as it is sent, also gzipped where that pays."""

    body: bytes
    packed: bytes | None
    headers: Mapping[str, str]


class Pages:
    """The files below `root` (none: there is no page), as they were at the start."""

    def __init__(self, root: Path, prefix: str, lang: str) -> None:
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in _files(root)}
        self.version = _digest(files)
        self._assets = {name: _asset(name, body) for name, body in files.items() if name != INDEX}
        self._indexes: Mapping[str, Asset] = {}  # by screen
        if INDEX in files:
            places = {"assets": f"{prefix}/ui/{self.version}", "base": prefix, "lang": lang}
            self._indexes = {screen: _index(files, places, screen) for screen in (*SCREENS.values(), ABSENT)}
        self._prefix = prefix

    def index(self, screen: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        """What answers at the path of a screen. Raises NotFound."""

        async def answer(request: web.Request) -> web.Response:
            index = self._indexes.get(screen)
            if index is None:
                raise NotFound("The page is not installed: static/index.html is missing.")
            if request.headers.get("If-None-Match") == index.headers["ETag"]:
                return web.Response(status=304, headers=index.headers)
            return _answer(request, index)

        return answer

    async def asset(self, request: web.Request) -> web.Response:
        """A file of the present version."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None or request.match_info["version"] != self.version:
            raise NotFound("There is no such file.")
        return _answer(request, asset)

    def lost(self, request: web.Request) -> web.Response | None:
        """For a browser at a path that is nothing: the page, which says so. None for others."""
        ours = not request.path.startswith((f"{self._prefix}/api/", f"{self._prefix}/ui/"))
        if not self._indexes or not ours or request.method != "GET":
            return None
        if "text/html" not in request.headers.get("Accept", ""):
            return None
        return _answer(request, self._indexes[ABSENT], 404)


def _answer(request: web.Request, asset: Asset, status: int = 200) -> web.Response:
    response = web.Response(body=asset.body, status=status, headers=asset.headers)
    if asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.body = asset.packed
        response.headers["Content-Encoding"] = "gzip"
    return response


def _files(root: Path) -> list[Path]:
    """Those with a known type; what begins with a dot, or leads elsewhere, is none of ours."""
    return sorted(
        path
        for path in root.rglob("*")
        if path.suffix in TYPES and path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    )


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name, body in files.items():
        digest.update(f"{name}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def _asset(name: str, body: bytes) -> Asset:
    headers = {
        **_SAFE,
        "Content-Type": TYPES[Path(name).suffix],
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    return Asset(body, _packed(body), headers)


def _index(files: Mapping[str, bytes], places: Mapping[str, str], screen: str) -> Asset:
    modules = modules_of(files, MAIN, f"js/screens/{screen}.js")
    links = "\n  ".join(f'<link rel="modulepreload" href="{{{{assets}}}}/{name}">' for name in modules)
    text = files[INDEX].decode().replace("{{modules}}", links)
    for name, value in places.items():
        text = text.replace("{{" + name + "}}", escape(value))
    body = text.encode()
    headers = {
        **_SAFE,
        "Content-Type": TYPES[".html"],
        "Cache-Control": "no-cache",
        "ETag": f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"',
        "Vary": "Accept-Encoding",
    }
    return Asset(body, _packed(body), headers)


def _packed(body: bytes) -> bytes | None:
    packed = gzip.compress(body, mtime=0) if len(body) >= WORTH_PACKING else body
    return packed if len(packed) < len(body) else None
