"""The catalogue, the settings, config.toml and docs/settings.md say the same about every setting."""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import orjson
import pytest

from okydrom.config.descriptions import DESCRIPTIONS
from okydrom.config.loading import load
from okydrom.config.parameters import (
    DESTINATION_KINDS,
    KINDS,
    METHOD_KINDS,
    Origin,
    Parameter,
    env_name,
    parameter,
    parameters,
    value_of,
)
from okydrom.config.settings import DestinationSettings, MethodSettings, Retry, Settings
from okydrom.policy import PARTS
from okydrom.task import Exponential
from tests.support.certificates import Authority

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config.toml").read_text("utf-8")
DOCUMENT = (ROOT / "docs/settings.md").read_text("utf-8")
STEPS = {"retry.first", "retry.factor", "retry.max"}  # instead of the schedule, so not set by default


def fields() -> set[str]:
    """The name of every setting, from the records alone."""
    names = set()
    for section in msgspec.structs.fields(Settings):
        if section.name not in ("methods", "destinations"):
            for field in msgspec.structs.fields(section.type):
                names.add(f"{section.name}.{field.name}")
    return names - {"retry.policy"} | {f"retry.{part}" for part in PARTS}


def missing_lines(text: str, names: Iterable[str]) -> list[str]:
    """Settings that do not stand in a text like config.toml with their description on the line above."""
    missing = []
    for name in names:
        section, key = name.split(".")
        body = text.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
        comment = "# " if name in STEPS else ""
        if f"\n# {DESCRIPTIONS[name][0]}\n{comment}{key} = " not in f"\n{body}":
            missing.append(name)
    return missing


def rows(text: str) -> list[tuple[str, ...]]:
    """Setting, default and meaning of every row in the document's tables of settings."""
    return re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (.*?) \| (.*) \|$", text, re.MULTILINE)


def test_the_catalogue_has_every_setting_in_the_order_of_its_sections() -> None:
    assert set(KINDS) == set(DESCRIPTIONS) == fields()
    assert list(KINDS) == list(DESCRIPTIONS)


def test_the_catalogue_has_every_key_of_a_method_and_of_a_destination() -> None:
    assert set(METHOD_KINDS) == {field.name for field in msgspec.structs.fields(MethodSettings)}
    assert set(DESTINATION_KINDS) == {field.name for field in msgspec.structs.fields(DestinationSettings)}


@pytest.mark.parametrize("name", KINDS)
def test_a_default_is_read_back_from_what_is_shown_as_its_value(name: str) -> None:
    kind, default = KINDS[name], value_of(Settings(), name)
    if default is not None:
        assert kind.read(kind.plain(default)) == default


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_description_is_a_sentence_in_each_language(name: str) -> None:
    english, russian = DESCRIPTIONS[name]
    assert english.endswith(".")
    assert english.replace("…", "").isascii()
    assert russian.endswith(".")
    assert re.search("[а-я]", russian)
    assert max(len(english), len(russian)) <= 118


def test_the_shipped_file_holds_the_defaults_and_says_why() -> None:
    loaded = load(ROOT / "config.toml", {})
    storage = msgspec.structs.replace(loaded.settings.storage, path=Settings().storage.path)
    assert msgspec.structs.replace(loaded.settings, storage=storage) == Settings()
    assert loaded.settings.storage.path == ROOT / "data"
    assert {name for name, origin in loaded.origins.items() if origin is Origin.DEFAULT} == STEPS
    assert missing_lines(SHIPPED, KINDS) == []
    assert max(map(len, SHIPPED.splitlines())) <= 120


def test_a_setting_that_the_file_lacks_is_noticed() -> None:
    assert missing_lines(SHIPPED.replace("port = 8080", ""), KINDS) == ["server.port"]
    assert missing_lines(SHIPPED.replace("[limits]", "[limit]"), KINDS)


def test_the_commented_example_of_a_method_is_a_right_one(tmp_path: Path) -> None:
    (tmp_path / "crm.secrets").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    write_papers(tmp_path)
    file = commented("[methods.crm]", tmp_path)
    method = load(file, {}).settings.methods["crm"]
    assert set(msgspec.structs.asdict(method)) == set(METHOD_KINDS)
    assert all(getattr(method, key) for key in METHOD_KINDS)


def test_the_commented_example_of_a_destination_is_a_right_one(tmp_path: Path) -> None:
    write_papers(tmp_path)
    file = commented('[recipients."https://api.example.com:8443"]', tmp_path)
    destination = load(file, {}).settings.destinations["https://api.example.com:8443"]
    assert set(msgspec.structs.asdict(destination)) == set(DESTINATION_KINDS)
    assert all(getattr(destination, key) for key in DESTINATION_KINDS)


def write_papers(directory: Path) -> None:
    """The files that the examples name."""
    Authority().write(directory / "ca.pem")
    Authority().identify("client", directory / "client.pem", directory / "client.key")


def commented(table: str, directory: Path) -> Path:
    """A file with the example of a table in the shipped one, up to the next empty line."""
    example = SHIPPED.partition(f"# {table}\n")[2].partition("\n\n")[0]
    file = directory / "config.toml"
    file.write_text("\n".join([table, *(line[2:] for line in example.splitlines())]), "utf-8")
    return file


def test_the_document_lists_every_setting_with_its_default_and_meaning() -> None:
    assert rows(DOCUMENT) == [
        (name, KINDS[name].show(value_of(Settings(), name)), DESCRIPTIONS[name][0]) for name in KINDS
    ]
    for key in METHOD_KINDS:
        assert f"`{key}`" in DOCUMENT.partition("[methods.NAME]")[2]
    for key in DESTINATION_KINDS:
        assert f"| `{key}` |" in DOCUMENT.partition('[recipients."scheme://host:port"]')[2]


def test_parameters_show_values_as_the_file_may_hold_them() -> None:
    settings = Settings(retry=Retry(policy=Exponential(5_000, 2.0, 21_600_000)))
    shown = {found.name: found for found in parameters(settings, {"retry.first": Origin.ENVIRONMENT})}
    assert list(shown) == list(KINDS)
    assert shown["storage.flush"] == Parameter(
        name="storage.flush",
        section="storage",
        value=0.1,
        default=0.1,
        display="100 ms",
        origin=Origin.DEFAULT,
        env="OKYDROM_STORAGE__FLUSH",
        unit="s",
        secret=False,
        description=dict(zip(("en", "ru"), DESCRIPTIONS["storage.flush"], strict=True)),
    )
    found = {name: (item.value, item.default, item.display) for name, item in shown.items()}
    assert found["delivery.timeout"] == (15, 15, "15 s")
    assert found["limits.body"] == (1024**2, 1024**2, "1 MiB")
    assert found["retry.jitter"] == (0.2, 0.2, "20 %")
    assert found["retry.first"] == (5, None, "5 s")
    assert found["retry.schedule"][0::2] == (None, "—")
    assert found["server.hosts"] == ([], [], "—")
    assert shown["retry.first"].origin is Origin.ENVIRONMENT


def test_parameters_can_be_sent_as_json() -> None:
    orjson.loads(msgspec.json.encode(parameters(Settings(), {})))


def test_a_secret_is_shown_to_nobody() -> None:
    hidden = parameter("ui.lang", Settings(), Origin.FILE, secrets=frozenset({"ui.lang"}))
    assert (hidden.secret, hidden.value, hidden.default, hidden.display) == (True, None, None, "***")


def test_every_variable_overrides_its_setting() -> None:
    environ = {
        env_name(name): orjson.dumps(KINDS[name].plain(default)).decode()
        for name in KINDS
        if (default := value_of(Settings(), name)) is not None
    }
    loaded = load(None, environ)
    assert loaded.settings == Settings()
    assert {name for name, origin in loaded.origins.items() if origin is not Origin.ENVIRONMENT} == STEPS
