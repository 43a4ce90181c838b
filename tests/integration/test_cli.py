"""The command line: which command runs with which settings, and what is said when they are wrong."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from okydrom import __version__
from okydrom.cli import COMMANDS, main
from okydrom.config.parameters import KINDS
from okydrom.config.settings import Settings, Token

ROOT = Path(__file__).parents[2]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of each start; none really starts."""
    starts: list[Settings] = []

    def run(settings: Settings, *_: Any) -> int:
        starts.append(settings)
        return 6

    monkeypatch.setattr("okydrom.cli.serve.process.run", run)
    return starts


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OKYDROM_") and "__" in name]:
        monkeypatch.delenv(name)


def write(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return str(path)


def test_without_a_command_it_serves_with_defaults(served: list[Settings]) -> None:
    assert main([]) == 6
    assert served == [Settings()]


@pytest.mark.parametrize("before", [True, False])
def test_the_file_may_be_named_before_or_after_the_command(
    served: list[Settings], tmp_path: Path, before: bool
) -> None:
    file = write(tmp_path / "config.toml", "[server]\nport = 1")
    words = ["--config", file]
    assert main([*words, "serve"] if before else ["serve", *words]) == 6
    assert main([*words]) == 6
    assert [settings.server.port for settings in served] == [1, 1]


def test_named_twice_the_last_one_holds(served: list[Settings], tmp_path: Path) -> None:
    first, last = (write(tmp_path / f"{port}.toml", f"[server]\nport = {port}") for port in (1, 2))
    main(["--config", first, "serve", "--config", last])
    assert served[0].server.port == 2


def test_a_variable_reaches_the_service(served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKYDROM_SERVER__PORT", "0")
    main([])
    assert served[0].server.port == 0


def test_all_faults_are_said_with_their_places(
    served: list[Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OKYDROM_LOG__LEVEL", "loud")
    file = write(tmp_path / "config.toml", '[server]\nport = "x"\n')
    said = (
        "okydrom: the configuration has 2 faults:\n"
        f"  {file}:2: server.port must be a whole number from 0 to 65535, not 'x'\n"
        "  OKYDROM_LOG__LEVEL: log.level must be one of debug, info, warning, error, not 'loud'\n"
    )
    for command in ([], ["check-config"]):
        assert main(["--config", file, *command]) == 2
        assert capsys.readouterr() == ("", said)
    assert served == []


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--config", str(tmp_path / "none.toml")]) == 2
    assert capsys.readouterr().err == (
        "okydrom: the configuration has 1 fault:\n"
        f"  {tmp_path}/none.toml: can't be read: No such file or directory\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[methods.crm]\nhosts = ["a"]\nsecret_file = "none"',
            "none: methods.crm.secret_file can't be read: No such file or directory",
        ),
        (
            '[recipients."https://a"]\nca_file = "none.pem"',
            "config.toml:2: recipients.https://a:443 ca_file can't be read: No such file or directory",
        ),
    ],
)
def test_a_file_that_can_not_be_used_is_a_fault_of_the_configuration(
    served: list[Settings], capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    assert main(["--config", write(tmp_path / "config.toml", text)]) == 2
    assert said in capsys.readouterr().err
    assert served == []


def test_check_config_prints_what_holds_and_no_secret(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKYDROM_DELIVERY__SENDERS", "8")
    method = '[methods.crm]\nurl = "https://crm.internal/hook?canary"\nheaders = {"X-Key" = "canary"}\n'
    secret = 'secrets = ["whsec_canarycanarycanarycanarycanaryca"]\n'
    destination = '[recipients."https://a"]\nproxy = "http://u:canary@proxy:3128"\n'
    file = write(tmp_path / "config.toml", f'[limits]\nbody = "2MiB"\n{method}{secret}{destination}')
    assert main(["check-config", "--config", file]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == [*KINDS, "methods.crm", "recipients.https://a:443"]
    assert ["limits.body", "2", "MiB", "file"] in lines
    assert ["delivery.senders", "8", "OKYDROM_DELIVERY__SENDERS"] in lines
    assert ["server.port", "8080", "default"] in lines
    assert lines[-2] == ["methods.crm", "POST", "https://crm.internal/hook?***", "file"]


@pytest.mark.parametrize("words", [["nonsense"], ["--nonsense"], ["serve", "nonsense"], ["--config"]])
def test_wrong_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: okydrom")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in COMMANDS)


def test_the_launcher_is_the_command_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "okydrom.py", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"okydrom {__version__}\n", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])  # it is noticed at the end, or with the first line
def test_a_reader_that_has_seen_enough_is_no_failure(unbuffered: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, ROOT / "okydrom.py", "check-config"],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        check=False,
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_token_is_printed_once_and_its_line_lets_it_in(
    served: list[Settings], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["token", "--name", "crm", "--role", "operator"]) == 0
    said = capsys.readouterr()
    token = said.out.strip()
    line = said.err.splitlines()[-1].removeprefix("# ")
    assert len(token) >= 40
    assert token not in said.err
    file = write(tmp_path / "config.toml", f'[server]\nhost = "0.0.0.0"\n[auth]\n{line}\n')
    assert main(["--config", file]) == 6
    digest = hashlib.sha256(token.encode()).hexdigest()
    assert served[0].auth.tokens == (Token("crm", "operator", digest),)
    main(["check-config", "--config", file])
    assert digest not in capsys.readouterr().out
    main(["token", "--name", "crm"])
    assert capsys.readouterr().out.strip() != token


def test_a_name_that_no_token_may_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--name", "a b"]) == 2
    said = capsys.readouterr()
    assert (said.out, "needs a name" in said.err) == ("", True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[server]\nhost = "0.0.0.0"\n', "okydrom.py token"),
        ('[server]\nhost = "::"\n', "okydrom.py token"),
        ('[server]\nhost = "0.0.0.0"\n[auth]\nmode = "none"\n', None),
        ('[auth]\nmode = "tokens"\n', "there are none"),
        ('[auth]\ntokens = [{name = "crm", role = "source", token = "canary"}]\n', "'token' is unknown"),
        ('[auth]\ntokens = ["canary"]\n', "must be a list such as"),
        ('[auth]\ntokens_file = "none"\n', "can't be read"),
    ],
)
def test_who_may_call_has_to_be_meant(
    served: list[Settings],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    text: str,
    said: str | None,
) -> None:
    code = main(["--config", write(tmp_path / "config.toml", text)])
    errors = capsys.readouterr().err
    assert (code, len(served)) == ((6, 1) if said is None else (2, 0))
    assert (said or "") in errors
    assert "canary" not in errors
