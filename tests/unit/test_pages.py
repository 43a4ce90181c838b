"""The page's files: what is read at the start, and how it is addressed."""

import gzip
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import make_mocked_request

from okydrom.errors import NotFound
from okydrom.web.pages import POLICY, Pages

INDEX = '<html lang="{{lang}}"><base href="{{base}}/"><script src="{{assets}}/js/main.js"></script>'


@pytest.fixture
def static(tmp_path: Path) -> Path:
    root = tmp_path / "static"
    (root / "js").mkdir(parents=True)
    (root / "index.html").write_text(INDEX)
    (root / "js" / "main.js").write_text("// main\n" * 500)
    (root / "tiny.svg").write_text("<svg/>")
    (root / ".hidden.js").write_text("secret")
    (root / "notes.md").write_text("no type of ours")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    return root


def request(path: str, headers: dict[str, str] | None = None, **match: str) -> Any:
    made = cast(Any, make_mocked_request("GET", path, headers=headers or {}))
    made._match_info = match
    return made


async def test_the_index_leads_to_the_assets_of_its_version(static: Path) -> None:
    pages = Pages(static, "/oky", "ru")
    answer = await pages.index("overview")(request("/oky/"))
    assets = f"/oky/ui/{pages.version}"
    expected = f'<html lang="ru"><base href="/oky/"><script src="{assets}/js/main.js"></script>'
    assert answer.body == expected.encode()
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == POLICY
    again = await pages.index("overview")(request("/oky/", {"If-None-Match": answer.headers["ETag"]}))
    assert (again.status, again.body) == (304, None)


async def test_the_index_names_what_its_screen_is_made_of_and_no_other(static: Path) -> None:
    (static / "index.html").write_text("{{modules}}")
    (static / "js" / "screens").mkdir()
    (static / "js" / "main.js").write_text(
        'import { a } from "./a.js";\nconst b = import("./screens/tasks.js");'
    )
    (static / "js" / "a.js").write_text("export const a = 1;")
    (static / "js" / "screens" / "tasks.js").write_text('import {\n  t,\n} from "../t.js";')
    (static / "js" / "screens" / "task.js").write_text('import { a } from "../a.js";')
    (static / "js" / "t.js").write_text('export { a as t } from "./a.js";')
    pages = Pages(static, "/oky", "ru")

    async def named(screen: str) -> list[str]:
        answer = await pages.index(screen)(request("/oky/"))
        start = f'<link rel="modulepreload" href="/oky/ui/{pages.version}/js/'
        lines = cast(bytes, answer.body).decode().splitlines()
        return [line.strip().removeprefix(start).removesuffix('">') for line in lines]

    assert await named("tasks") == ["main.js", "screens/tasks.js", "a.js", "t.js"]
    assert await named("task") == ["main.js", "screens/task.js", "a.js"]
    assert await named("system") == ["main.js", "a.js"]


async def test_an_asset_is_kept_for_ever_and_packed_where_that_pays(static: Path) -> None:
    pages = Pages(static, "", "auto")
    script = {"version": pages.version, "name": "js/main.js"}
    plain = await pages.asset(request("/", None, **script))
    packed = await pages.asset(request("/", {"Accept-Encoding": "br, gzip"}, **script))
    assert plain.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in plain.headers["Cache-Control"]
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(cast(bytes, packed.body)) == plain.body
    tiny = {"version": pages.version, "name": "tiny.svg"}
    assert (
        "Content-Encoding"
        not in (await pages.asset(request("/", {"Accept-Encoding": "gzip"}, **tiny))).headers
    )


def test_the_version_changes_with_any_file(static: Path) -> None:
    before = Pages(static, "", "auto").version
    (static / "tiny.svg").write_text("<svg />")
    assert Pages(static, "", "auto").version != before


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "/etc/passwd",
        "js/../index.html",
        ".hidden.js",
        "notes.md",
        "link.txt",
        "js",
        "index.html",
    ],
)
async def test_what_is_no_asset_is_not_found(static: Path, name: str) -> None:
    pages = Pages(static, "", "auto")
    with pytest.raises(NotFound):
        await pages.asset(request("/", None, version=pages.version, name=name))
    with pytest.raises(NotFound):
        await pages.asset(request("/", None, version="0" * 16, name="js/main.js"))


async def test_a_browser_that_is_lost_gets_the_page(static: Path) -> None:
    pages = Pages(static, "/oky", "auto")
    html = {"Accept": "text/html,*/*"}
    answer = pages.lost(request("/oky/nowhere", html))
    assert answer is not None
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert pages.lost(request("/oky/api/v1/nowhere", html)) is None
    assert pages.lost(request("/oky/ui/1/a.js", html)) is None
    assert pages.lost(request("/oky/nowhere")) is None


async def test_without_files_there_is_no_page_and_the_api_still_works(tmp_path: Path) -> None:
    pages = Pages(tmp_path / "none", "", "auto")
    assert pages.lost(request("/x", {"Accept": "text/html"})) is None
    with pytest.raises(NotFound):
        await pages.index("overview")(request("/"))
