"""The house as it is built: what imports what, which library belongs where, how long, how named.

Each check runs over the real tree, and over small sources that break its rule: a check that can't fail shows nothing.
"""

import tomllib
from pathlib import Path

import pytest

import okydrom
from tests.support import source_tree as house

ROOT = Path(__file__).parents[2]
SERVICE = house.read_sources(ROOT, "okydrom")
ALL = house.read_sources(ROOT, "okydrom", "okydrom_client")
TESTS = house.read_sources(ROOT, "tests")
MAY_SLEEP = "tests.support.wait"


def test_a_room_imports_only_from_those_to_its_left() -> None:
    assert house.wrong_directions(ALL) == []


@pytest.mark.parametrize(
    ("module", "text", "finding"),
    [
        ("okydrom.store.query", "import okydrom.delivery.lanes", "to its right"),
        ("okydrom.task", "from okydrom.store import contract", "to its right"),
        ("okydrom.app", "from okydrom import server", "to its right"),
        ("okydrom.web.tasks", "def f():\n    from okydrom.cli import main", "to its right"),
        ("okydrom.attic.box", "from okydrom import task", "okydrom.attic.box stands in no room"),
        ("okydrom.web.tasks", "import okydrom.attic", "okydrom.attic stands in no room"),
        ("okydrom.web.tasks", "import okydrom_client", "to its right"),
        ("okydrom_client.client", "from okydrom.task import Task", "needs nothing of the service"),
    ],
)
def test_an_import_in_the_wrong_direction_is_found(module: str, text: str, finding: str) -> None:
    sources = {
        "okydrom.server": "",
        "okydrom.cli": "",
        "okydrom.store.contract": "",
        "okydrom.task": "",
        module: text,
    }
    assert [finding in found for found in house.wrong_directions(sources)] == [True]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("okydrom.web.tasks", "from okydrom import __version__"),
        ("okydrom.delivery.sender", "from okydrom.delivery import retry\nfrom okydrom.store import contract"),
        ("okydrom.cli.tasks", "from okydrom_client import Client"),
        ("okydrom_client.client", "from okydrom_client.signature import verify"),
    ],
)
def test_an_import_in_the_right_direction_is_no_finding(module: str, text: str) -> None:
    assert house.wrong_directions({"okydrom": "", module: text}) == []


def test_no_modules_import_each_other() -> None:
    assert house.cycles(ALL) == []


def test_a_cycle_is_found_once_however_long_it_is() -> None:
    sources = {
        "okydrom.store.a": "from okydrom.store import b",
        "okydrom.store.b": "import okydrom.store.c",
        "okydrom.store.c": "from okydrom.store.a import anything",
        "okydrom.store.d": "from okydrom.store import a",
    }
    way = ["okydrom.store.a", "okydrom.store.b", "okydrom.store.c", "okydrom.store.a"]
    assert house.cycles(sources) == [" → ".join(way)]


def test_two_cycles_with_a_common_module_are_both_found() -> None:
    sources = {
        "okydrom.store.a": "from okydrom.store import b",
        "okydrom.store.b": "from okydrom.store import a, c",
        "okydrom.store.c": "from okydrom.store import b",
    }
    assert len(house.cycles(sources)) == 2


def test_all_imports_stand_at_the_head_of_their_module() -> None:
    assert house.hidden_imports(ALL) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("def f():\n    import json", "inside a function"),
        ("async def f():\n    if True:\n        from json import loads", "inside a function"),
        ("class A:\n    import json", "inside a function"),
        ("from typing import TYPE_CHECKING", "TYPE_CHECKING"),
        ("import typing\nif typing.TYPE_CHECKING:\n    import json", "TYPE_CHECKING"),
        ("json = __import__('json')", "by name"),
        ("import importlib\njson = importlib.import_module('json')", "by name"),
        ("from . import task", "relative"),
    ],
)
def test_a_hidden_import_is_found(text: str, finding: str) -> None:
    assert [finding in found for found in house.hidden_imports({"okydrom.web": text})] == [True]


def test_every_library_stays_with_its_owner() -> None:
    assert house.stray_libraries(ALL) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("okydrom.intake.pump", "import persistqueue"),
        ("okydrom.store.upkeep", "from aiosqlite import connect"),
        ("okydrom.store.sqlites", "import aiosqlite"),
        ("okydrom.web.tasks", "import sqlite3"),
        ("okydrom.delivery.transport", "import httptools.parser"),
        ("okydrom.delivery.egress", "import aiodns"),
        ("okydrom.delivery.transport", "from aiohttp import ClientSession"),
        ("okydrom.app", "import uvloop"),
        ("okydrom.web.tasks", "import requests"),
        ("okydrom_client.client", "import msgspec"),
    ],
)
def test_a_library_away_from_its_owner_is_found(module: str, text: str) -> None:
    assert len(house.stray_libraries({module: text})) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("okydrom.intake.journal", "from persistqueue import Queue\nimport os"),
        ("okydrom.store.sqlite.writer", "import aiosqlite, sqlite3"),
        ("okydrom.web.tasks", "from aiohttp import web\nimport orjson, msgspec, structlog"),
    ],
)
def test_a_library_with_its_owner_is_no_finding(module: str, text: str) -> None:
    assert house.stray_libraries({module: text}) == []


def test_no_file_is_longer_than_a_reader_can_hold_in_mind() -> None:
    assert house.long_files(SERVICE) == []


def test_a_long_file_is_found() -> None:
    sources = {"okydrom.web.tasks": "x = 1\n" * 301, "okydrom.web.bulk": "x = 1\n" * 300}
    assert house.long_files(sources) == ["okydrom.web.tasks: 301 lines"]


def test_every_name_says_something() -> None:
    assert house.empty_names(ALL) == []
    assert house.empty_names(dict.fromkeys(TESTS, "")) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("okydrom.utils", ""),
        ("okydrom.web.task_helpers", ""),
        ("okydrom.common.words", ""),
        ("okydrom.delivery.lanes", "class LaneManager: ..."),
        ("okydrom.store.contract", "class BaseStore: ..."),
    ],
)
def test_a_name_that_says_nothing_is_found(module: str, text: str) -> None:
    assert len(house.empty_names({module: text})) == 1


def test_a_name_is_judged_by_whole_words() -> None:
    sources = {"okydrom.intake.database": "class Commonwealth(BaseException): ..."}
    assert house.empty_names(sources) == []


def test_every_public_module_says_what_it_is() -> None:
    assert house.undocumented(ALL) == []


def test_a_module_without_a_docstring_is_found() -> None:
    sources = {"okydrom.task": "x = 1", "okydrom.web": '"""The web."""', "okydrom.web._part": ""}
    assert house.undocumented(sources) == ["okydrom.task: no docstring"]


def test_no_test_sleeps() -> None:
    assert MAY_SLEEP in TESTS
    assert house.sleeps({module: text for module, text in TESTS.items() if module != MAY_SLEEP}) == []


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.sleep(1)",
        "from asyncio import sleep\nasync def f():\n    await sleep(0)",
        "async def f(loop):\n    await loop.asyncio.sleep(0.1)",
    ],
)
def test_a_sleep_is_found(text: str) -> None:
    assert len(house.sleeps({"tests.unit.test_it": text})) == 1


def test_the_reader_sees_the_whole_tree() -> None:
    rooms = {"okydrom", "okydrom.store", "okydrom.delivery", "okydrom.intake", "okydrom.web", "okydrom.cli"}
    assert rooms <= set(SERVICE)
    assert {"tests.unit.test_architecture", "tests.support.source_tree"} <= set(TESTS)


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert okydrom.__version__ == project["version"]
