"""Reads source files as syntax trees and says where they break the rules of the house.

Every check takes sources (module name → text) and gives findings, sentences with the module's name in front: an
empty list is a clean house. Sources are plain data, so that a test can hand in small broken ones.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

Sources = Mapping[str, str]

# From left to right; a room imports only from those to its left. Modules of one line stand in one room.
ROOMS = (
    (
        "errors",
        "units",
        "headers",
        "destination",
        "task",
        "policy",
        "record",
        "times",
        "masking",
        "public",
        "callback",
        "feed",
        "config",
    ),
    ("store",),
    ("delivery",),
    ("intake",),
    ("web",),
    ("background", "clock", "adoption", "app"),
    ("log", "server"),
    ("cli",),
)

# A library belongs to the modules named here (and to what lies below them), so that it can be replaced there.
OWNERS = {
    "aiodns": ("okydrom.delivery.resolver",),
    "aiohappyeyeballs": ("okydrom.delivery.dial",),
    "aiohttp": ("okydrom.web", "okydrom.app", "okydrom.server", "okydrom.cli", "okydrom_client"),
    "aiosqlite": ("okydrom.store.sqlite",),
    "httptools": ("okydrom.delivery.connection",),
    "msgspec": ("okydrom",),
    "nacl": ("okydrom.delivery.signing",),
    "orjson": ("okydrom",),
    "persistqueue": ("okydrom.intake.journal",),
    "prometheus_client": ("okydrom.web.metrics",),
    "pycares": ("okydrom.delivery.resolver",),
    "sqlite3": ("okydrom.store",),
    "structlog": ("okydrom",),
    "uvloop": ("okydrom.server",),
    "yarl": ("okydrom.web", "okydrom.app", "okydrom.server", "okydrom.cli", "okydrom_client"),
}

# The client may be used by the command line; in turn it knows nothing of the service.
CLIENT = "okydrom_client"

LONGEST_FILE = 300
EMPTY_WORDS = frozenset({"base", "common", "helper", "helpers", "manager", "managers", "util", "utils"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def read_sources(root: Path, *packages: str) -> dict[str, str]:
    """The sources of the packages below `root`, by module name."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path.read_text(
            "utf-8"
        )
        for package in packages
        for path in sorted((root / package).rglob("*.py"))
    }


def wrong_directions(sources: Sources) -> list[str]:
    """Imports from a room to the right, of the client's by the service, of the service's by the client."""
    found = []
    for module, line, target in _own_imports(sources):
        here, there = _room(module), _room(target)
        if here is None or there is None:
            stranger = module if here is None else target
            found.append(f"{module}:{line}: {stranger} stands in no room")
        elif there > here:
            found.append(f"{module}:{line}: imports {target}, which is to its right")
        elif module.partition(".")[0] == CLIENT != target.partition(".")[0]:
            found.append(f"{module}:{line}: the client needs nothing of the service, but imports {target}")
    return found


def cycles(sources: Sources) -> list[str]:
    """Modules that import each other, directly or over others; each cycle once."""
    edges: dict[str, set[str]] = {module: set() for module in sources}
    for module, _, target in _own_imports(sources):
        if target in edges:
            edges[module].add(target)
    return sorted({" → ".join(cycle) for module in edges if (cycle := _way_back(module, edges))})


def hidden_imports(sources: Sources) -> list[str]:
    """Imports that a reader of a module's head does not see: in functions, by name, for type checkers only."""
    found = []
    for module, text in sources.items():
        tree = ast.parse(text)
        inner = {
            id(node)
            for outer in ast.walk(tree)
            if isinstance(outer, FUNCTIONS)
            for node in ast.walk(outer)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        for node in ast.walk(tree):
            if id(node) in inner:
                found.append(f"{module}:{_line(node)}: import inside a function or class")
            elif isinstance(node, ast.ImportFrom) and node.level:
                found.append(f"{module}:{node.lineno}: relative import")
            elif _last_name(node) == "TYPE_CHECKING":
                found.append(f"{module}:{_line(node)}: TYPE_CHECKING hides a cycle")
            elif isinstance(node, ast.Call) and _last_name(node.func) in {"__import__", "import_module"}:
                found.append(f"{module}:{node.lineno}: import by name")
    return found


def stray_libraries(sources: Sources) -> list[str]:
    """Libraries imported outside the modules that own them."""
    found = []
    for module, line, target in _imports(sources):
        library = target.partition(".")[0]
        if library in OWNERS:
            if not any(_within(module, owner) for owner in OWNERS[library]):
                found.append(f"{module}:{line}: {library} belongs to {', '.join(OWNERS[library])}")
        elif library not in sys.stdlib_module_names and not _is_own(target):
            found.append(f"{module}:{line}: {library} has no owner")
    return found


def long_files(sources: Sources) -> list[str]:
    """Files that are longer than a reader can hold in mind."""
    lengths = {module: len(text.splitlines()) for module, text in sources.items()}
    return [f"{module}: {lines} lines" for module, lines in lengths.items() if lines > LONGEST_FILE]


def empty_names(sources: Sources) -> list[str]:
    """Modules and classes named by a word that says nothing."""
    found = []
    for module, text in sources.items():
        names = [module] + [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
        for name in names:
            words = re.findall(r"[A-Z]*[a-z0-9]+", name)
            if any(word.lower() in EMPTY_WORDS for word in words):
                found.append(f"{module}: the name {name} says nothing")
    return found


def undocumented(sources: Sources) -> list[str]:
    """Public modules without a docstring."""
    return [
        f"{module}: no docstring"
        for module, text in sources.items()
        if not module.rpartition(".")[2].startswith("_") and not ast.get_docstring(ast.parse(text))
    ]


def sleeps(sources: Sources) -> list[str]:
    """Calls of sleep, whatever module they come from."""
    return [
        f"{module}:{node.lineno}: sleeps"
        for module, text in sources.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and _last_name(node.func) == "sleep"
    ]


def _imports(sources: Sources) -> Iterator[tuple[str, int, str]]:
    """Every import: module, line, what it imports; `from a import b` is a.b where that is a module, else a."""
    for module, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield module, node.lineno, alias.name
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    yield module, node.lineno, inner if inner in sources else node.module


def _own_imports(sources: Sources) -> Iterator[tuple[str, int, str]]:
    return ((module, line, target) for module, line, target in _imports(sources) if _is_own(target))


def _is_own(target: str) -> bool:
    return _within(target, "okydrom") or _within(target, CLIENT)


def _within(module: str, owner: str) -> bool:
    return module == owner or module.startswith(f"{owner}.")


def _room(module: str) -> int | None:
    """The place of a module's room, from the left; the package itself (the version) stands before all."""
    if module == "okydrom":
        return -1
    if _within(module, CLIENT):
        return len(ROOMS) - 1
    name = module.split(".")[1]
    return next((place for place, names in enumerate(ROOMS) if name in names), None)


def _way_back(start: str, edges: Mapping[str, set[str]]) -> list[str]:
    """The shortest way from a module to itself, told from the first of its modules by name."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for target in sorted(edges[way[-1]]):
            if target == start:
                first = way.index(min(way))
                return [*way[first:], *way[: first + 1]]
            if target not in seen:
                seen.add(target)
                ways.append([*way, target])
    return []


def _last_name(node: ast.AST) -> str:
    """`sleep` for sleep, time.sleep and `from time import sleep`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name
    return ""


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)
