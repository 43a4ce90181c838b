"""Reading config.toml and the environment: what holds, where it came from, and all faults at once."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from okydrom.config.loading import Loaded, load
from okydrom.config.parameters import Origin
from okydrom.config.settings import MethodSettings, Settings
from okydrom.errors import ConfigError
from okydrom.task import Exponential, Schedule


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(file: Path, text: str, environ: Mapping[str, str] | None = None) -> Loaded:
    file.write_text(text, "utf-8")
    return load(file, environ or {})


def faults(file: Path | None, text: str = "", environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The sentence of each fault, by its name and place."""
    if file is not None:
        file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as raised:
        load(file, environ or {})
    return {
        f"{fault.pointer} ({Path(fault.params['place']).name})": fault.message
        for fault in raised.value.faults
    }


def test_without_a_file_the_defaults_hold() -> None:
    loaded = load(None, {"PATH": "/bin", "OKYDROM_CHROMIUM": "x"})
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {Origin.DEFAULT}


def test_the_file_replaces_defaults_and_the_environment_replaces_the_file(file: Path) -> None:
    text = '[server]\nport = 1\nhost = "::1"\n[recipients]\ndeny = ["10.0.0.0/8"]'
    environ = {"OKYDROM_SERVER__PORT": "0", "OKYDROM_RECIPIENTS__ALLOW": '["fd00::/8"]'}
    settings, origins = (loaded := read(file, text, environ)).settings, loaded.origins
    assert (settings.server.host, settings.server.port) == ("::1", 0)
    assert (settings.recipients.allow, settings.recipients.deny) == (("fd00::/8",), ("10.0.0.0/8",))
    assert settings.delivery == Settings().delivery
    assert {name: origin for name, origin in origins.items() if origin is not Origin.DEFAULT} == {
        "server.host": Origin.FILE,
        "server.port": Origin.ENVIRONMENT,
        "recipients.allow": Origin.ENVIRONMENT,
        "recipients.deny": Origin.FILE,
    }


def test_durations_sizes_and_shares_have_units(file: Path) -> None:
    text = """
        [server]
        shutdown_grace = 1.5
        [storage]
        chunk_size = "1 MiB"
        max_backlog = 2_000_000
        [retry]
        jitter = "5%"
        max_age = "14d"
    """
    settings = read(file, text).settings
    assert settings.server.shutdown_grace == 1_500
    assert (settings.storage.chunk_size, settings.storage.max_backlog) == (1024**2, 2_000_000)
    assert (settings.retry.jitter, settings.retry.max_age) == (0.05, 14 * 86_400_000)


def test_a_variable_may_hold_a_bare_string() -> None:
    environ = {"OKYDROM_LOG__LEVEL": "debug", "OKYDROM_UI__LANG": '"ru"', "OKYDROM_RETRY__JITTER": "10%"}
    settings = load(None, environ).settings
    assert (settings.log.level, settings.ui.lang, settings.retry.jitter) == ("debug", "ru", 0.1)


def test_a_variable_is_one_value_and_not_a_document() -> None:
    assert "server.port (OKYDROM_SERVER__PORT)" in faults(None, environ={"OKYDROM_SERVER__PORT": "1\nx = 2"})


@pytest.mark.parametrize(("path", "expected"), [("store", "{here}/store"), ("/srv/okydrom", "/srv/okydrom")])
def test_a_relative_path_counts_from_the_file(file: Path, path: str, expected: str) -> None:
    settings = read(file, f'[storage]\npath = "{path}"').settings
    assert settings.storage.path == Path(expected.format(here=file.parent))
    assert read(file, "").settings.storage.path == file.parent / "data"


def test_a_policy_is_a_schedule_or_steps(file: Path) -> None:
    assert read(file, '[retry]\nschedule = ["1s", "2s"]').settings.retry.policy == Schedule((1_000, 2_000))
    steps = read(file, '[retry]\nfirst = "5s"\nfactor = 3\nmax = "6h"').settings.retry.policy
    assert steps == Exponential(5_000, 3.0, 21_600_000)


def test_a_policy_of_the_environment_replaces_that_of_the_file_as_a_whole(file: Path) -> None:
    schedule, steps = '[retry]\nschedule = ["1s"]', '[retry]\nfirst = "5s"\nmax = "1h"'
    assert read(file, schedule, {"OKYDROM_RETRY__FIRST": "7s"}).settings.retry.policy == Exponential(
        7_000, 2.0, 86_400_000
    )
    environ = {"OKYDROM_RETRY__SCHEDULE": '["3s"]'}
    assert read(file, steps, environ).settings.retry.policy == Schedule((3_000,))
    assert read(file, steps, {"OKYDROM_RETRY__MAX": "2h"}).settings.retry.policy == Exponential(
        5_000, 2.0, 7_200_000
    )


def test_methods_have_names(file: Path) -> None:
    text = """
        [methods.crm]
        http_method = "PUT"
        url = "https://crm.internal/Events?a=%2f"
        hosts = ["CRM.internal", "crm.internal:8443", "https://crm.internal"]
        headers = {"X-Key" = "k"}
        timeout = "5s"
        max_attempts = 3
        retry = {schedule = ["1s"]}
        description = "Tell the CRM"
        [methods.bare]
    """
    loaded = read(file, text, {"OKYDROM_METHODS__CRM__TIMEOUT": "6s"})
    assert dict(loaded.settings.methods) == {
        "crm": MethodSettings(
            http_method="PUT",
            url="https://crm.internal/Events?a=%2f",
            hosts=("crm.internal", "crm.internal:8443", "https://crm.internal:443"),
            headers=(("X-Key", "k"),),
            timeout=6_000,
            max_attempts=3,
            retry=Schedule((1_000,)),
            description="Tell the CRM",
        ),
        "bare": MethodSettings(),
    }
    assert (loaded.origins["methods.crm"], loaded.origins["methods.bare"]) == (
        Origin.ENVIRONMENT,
        Origin.FILE,
    )


def test_all_faults_are_reported_together_with_their_places(file: Path) -> None:
    text = """[server]
port = "x"
prot = 8080
shutdown_grace = "5 weeks"

[recipients]
deny = ["10.0.0.1/8"]

[retry]
first = "2h"
max = "1h"

[methods.crm]
headers = {"X-Key" = "secret"}
"""
    environ = {"OKYDROM_LOG__LEVEL": "loud", "OKYDROM_DELIVERY__SENDER": "5"}
    found = faults(file, text, environ)
    assert {key: message[:22] for key, message in found.items()} == {
        "server.port (config.toml:2)": "must be a whole number",
        "server.prot (config.toml:3)": "is unknown; did you me",
        "server.shutdown_grace (config.toml:4)": "must be a duration suc",
        "recipients.deny (config.toml:7)": "'10.0.0.1/8' is not a ",
        "retry.first (config.toml:10)": "must have a first wait",
        "methods.crm (config.toml:14)": "has headers: it must h",
        "log.level (OKYDROM_LOG__LEVEL)": "must be one of debug, ",
        "delivery.sender (OKYDROM_DELIVERY__SENDER)": "is unknown; did you me",
    }


@pytest.mark.parametrize(
    ("text", "environ", "guess"),
    [
        ("[server]\nprot = 1", {}, "did you mean server.port?"),
        ("[sever]\nport = 1", {}, "did you mean server.port?"),
        ("[serve]", {}, "did you mean server?"),
        ("senders = 1", {}, "did you mean delivery.senders?"),
        ("[storage]\nsenders = 1", {}, "did you mean delivery.senders?"),
        ('"server.port" = 1', {}, "did you mean server.port?"),
        ('[methods.crm]\nheader = ""', {}, "did you mean headers?"),
        ("[zzz]\nqqq = 1", {}, "is unknown"),
        ("", {"OKYDROM_SERVER__PROT": "1"}, "did you mean server.port?"),
        ("", {"OKYDROM_SERVER_PORT": "1"}, "did you mean OKYDROM_SERVER__PORT?"),
        ("", {"OKYDROM_SERVER__PORT__X": "1"}, "did you mean server.port?"),
    ],
)
def test_an_unknown_name_is_guessed(file: Path, text: str, environ: dict[str, str], guess: str) -> None:
    assert guess in next(iter(faults(file, text, environ).values()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("server = 5", "must be a table"),
        ("[server]\nport = true", "whole number from 0 to 65535, not True"),
        ("[server]\nport = 65536", "whole number from 0 to 65535"),
        ("[server]\nport = 80.0", "whole number"),
        ("[server]\nport = {a = 1}", "whole number"),
        ('[server]\nhost = "0.0.0.0"', "which others can reach"),
        ('[server]\nhost = "okydrom.internal"', "must be an address"),
        ("[server]\nhost = 1", "must be a text"),
        ('[server]\nhosts = "a"', "must be a list"),
        ('[server]\nhosts = ["a", 1]', "1 must be a text"),
        ('[server]\nhosts = ["a b"]', "'a b' must have a host name"),
        ('[server]\nurl_prefix = "x/"', 'must be empty or a path such as "/okydrom"'),
        ('[server]\nheader_timeout = "0s"', "must be from 1 s to 10 min"),
        ('[storage]\npath = ""', "must be a path"),
        ('[storage]\nchunk_size = "1KiB"', "must be from 64 KiB to 1 GiB"),
        ("[storage]\nmin_free = -1", "must be a size"),
        ("[delivery]\ntimeout = inf", "must be a duration"),
        ("[delivery]\ntimeout = nan", "must be a duration"),
        ("[delivery]\ntimeout = 2024-01-01", "must be a duration"),
        ('[retry]\njitter = "200%"', "must be a share"),
        ("[retry]\njitter = -0.1", "must be a share"),
        ("[retry]\nfactor = 0.5", "must be a number from 1 to 100"),
        ("[retry]\nschedule = []", "must be a list of 1 to 100 waits"),
        ('[recipients]\nnetworks = "private"', "must be one of any, public"),
        ('[recipients]\nallow = ["example.com"]', "is not a network"),
        ("[log]\nlevel = []", "must be one of"),
        ("methods = 5", "must be a table"),
        ("[methods]\ncrm = 5", "must be a table"),
        ('[methods."a b"]\nurl = "http://a"', "must be named by letters"),
        ("[methods.post]", "not by a built-in verb"),
        ('[methods.crm]\nhttp_method = "TRACE"', "must be one of POST"),
        ('[methods.crm]\nurl = "ftp://a"', "must begin with http"),
        ('[methods.crm]\nhosts = ["a/b"]', "'a/b' must have a host name"),
        ('[methods.crm]\nhosts = ["https://a@b"]', "user name or password"),
        ("[methods.crm]\nmax_attempts = 101", "whole number from 1 to 100"),
        ("[methods.crm]\nretry = {first = 0}", "more than 0"),
        ("[methods.crm]\nheaders = []", "must be a table"),
        ('[methods.crm]\nheaders = {"Host" = "a"}', "'Host' is set by Okydrom"),
        ('[methods.crm]\nheaders = {"a b" = "c"}', "'a b' is not a header name"),
        ('[methods.crm]\nheaders = {"a" = 1}', "'a' needs a text"),
        ('[methods.crm]\nheaders = {"a" = "b", "A" = "c"}', "'A' is there twice"),
        ("[server\n", "is not TOML"),
        ("[[[[" * 5000, "is not TOML"),
        ("[server]\nport = " + "9" * 5000, "is not TOML"),
    ],
)
def test_a_wrong_value_is_a_fault_with_a_sentence(file: Path, text: str, message: str) -> None:
    found = faults(file, text)
    assert len(found) == 1
    assert message in next(iter(found.values()))


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        (
            '[delivery]\ntimeout = "5s"\nconnect_timeout = "6s"',
            "delivery.connect_timeout",
            "at most delivery.timeout",
        ),
        ('[limits]\nbody = "64MiB"\n[delivery]\nlane_bytes = "32MiB"', "delivery.lane_bytes", "limits.body"),
        ('[limits]\nbody = "64MiB"\n[storage]\nmax_backlog = "32MiB"', "storage.max_backlog", "limits.body"),
        ('[retry]\nschedule = ["5s"]\nfirst = "5s"', "retry.schedule", "either a schedule or first"),
        ("[retry]\nfactor = 2", "retry.factor", "name the first wait"),
        ('[methods.crm]\nheaders = {"X-Key" = "k"}', "methods.crm", "must have a url or list hosts"),
    ],
)
def test_values_that_contradict_each_other_are_a_fault(
    file: Path, text: str, names: str, message: str
) -> None:
    found = faults(file, text)
    assert [name.partition(" ")[0] for name in found] == [names]
    assert message in next(iter(found.values()))


def test_a_shorter_timeout_alone_contradicts_nothing(file: Path) -> None:
    assert read(file, '[delivery]\ntimeout = "1s"').settings.delivery.timeout == 1_000


@pytest.mark.parametrize(
    "text",
    [
        '[methods.crm]\nheaders = {"X-Key" = "k"}\nurl = "ftp://a"',
        '[retry]\nfirst = "x"\nfactor = 2',
        '[limits]\nbody = "64MiB"\n[delivery]\nlane_bytes = "x"',
    ],
)
def test_a_wrong_value_is_not_reported_as_a_contradiction_too(file: Path, text: str) -> None:
    assert len(faults(file, text)) == 1


def test_a_header_value_is_never_part_of_a_message(file: Path) -> None:
    text = '[methods.crm]\nurl = "http://u:canary@a/"\nheaders = {"X-Key" = "canary\\n", "Host" = "canary"}'
    found = faults(file, text)
    assert len(found) == 2
    assert "canary" not in "".join(found.values())


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path / "none.toml", {})
    assert [fault.message for fault in raised.value.faults] == ["can't be read: No such file or directory"]


def test_a_file_that_is_not_text_is_a_fault(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError) as raised:
        load(file, {})
    assert "is not TOML" in raised.value.faults[0].message


def test_places_are_found_in_every_spelling(file: Path) -> None:
    text = 'methods.crm.timeout = "x"\n\n [ methods . "b" ] # comment\n\'timeout\' = "x"\nretry = {first = "x"}\n'
    assert list(faults(file, text)) == [
        "methods.crm.timeout (config.toml:1)",
        "methods.b.timeout (config.toml:4)",
        "methods.b.retry (config.toml:5)",
    ]


def test_what_stands_in_the_wrong_place_is_not_shown(file: Path) -> None:
    for text in ('recipients = "http://me:canary@proxy"', 'canary = "canary"\nauth = "canary"'):
        assert "canary" not in "".join(faults(file, text).values())
