"""The table of calls, the document that explains them, and the page's own paths say the same."""

import re
from pathlib import Path

from okydrom.web.pages import SCREENS, Pages
from okydrom.web.problems import STATUSES
from okydrom.web.routes import ROUTES

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "static"
DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")


def test_the_document_lists_every_call_and_no_other() -> None:
    listed = re.findall(r"^\| `([A-Z]+) (/\S+)` \|", DOCUMENT, re.MULTILINE)
    assert listed == [(route.verb, route.path) for route in ROUTES]


def test_the_document_shows_every_call() -> None:
    shown = " ".join(re.findall(r"^```sh\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL))
    for route in ROUTES:
        path = (
            re.escape(route.path)
            .replace(r"\{id\}", r"(\$\w+|[0-9a-f-]{36})")
            .replace(r"\{key\}", r"http%3A\S+")
        )
        assert re.search(rf"http://127\.0\.0\.1:8080{path}[\s\"'?]", shown), route


def test_the_document_explains_every_status_of_a_failure() -> None:
    explained = {int(status) for status in re.findall(r"^\| (\d{3}) \|", DOCUMENT, re.MULTILINE)}
    assert explained == set(STATUSES.values()) - {500} | {405}


def test_no_two_calls_are_the_same() -> None:
    assert len({(route.verb, route.path) for route in ROUTES}) == len(ROUTES)
    assert all(route.summary for route in ROUTES)


def test_the_page_is_served_at_each_of_its_paths() -> None:
    router = (STATIC / "js" / "router.js").read_text("utf-8")
    own = re.findall(r'^  \["(\w+)", "(/[^"]*)"\],$', router, re.MULTILINE)
    assert {path.replace(":id", "{id}"): name for name, path in own} == SCREENS


def test_the_page_finds_all_of_its_files() -> None:
    pages = Pages(STATIC, "/p", "ru")
    for screen, index in pages._indexes.items():
        text = index.body.decode()
        assert "{{" not in text
        wanted = re.findall(rf'"/p/ui/{pages.version}/([^"]+)"', text)
        assert {"js/main.js", f"js/screens/{screen}.js", "js/dom.js", "js/icon.js"} <= set(wanted), screen
        assert set(wanted) <= set(pages._assets)
    for name, asset in pages._assets.items():
        if name.endswith(".js"):
            for target in re.findall(r'(?:from|import\() ?"(\.[^"]+)"', asset.body.decode()):
                path = (STATIC / name).parent / target
                assert path.resolve().relative_to(STATIC).as_posix() in pages._assets, (name, target)
