"""The tables that operators name: secrets and stop codes of methods, ways to single destinations, and their files."""

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from okydrom.config.loading import load
from okydrom.config.parameters import Origin
from okydrom.config.secrets import parse_secret
from okydrom.config.settings import DestinationSettings, Settings
from okydrom.errors import ConfigError
from tests.support.certificates import Authority

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsk_" + base64.b64encode(bytes(range(32))).decode()
NAME = "https://api.example.com:443"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def read(file: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    file.write_text(text, "utf-8")
    return load(file, environ or {}).settings


def faults(file: Path, text: str, environ: Mapping[str, str] | None = None) -> list[tuple[str, str, str]]:
    """Name, place and sentence of each fault."""
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as raised:
        load(file, environ or {})
    return [(each.pointer, Path(each.params["place"]).name, each.message) for each in raised.value.faults]


# --- secrets and stop codes -----------------------------------------------------------------------------------------


def test_secrets_come_from_the_list_and_then_from_the_file(file: Path) -> None:
    (file.parent / "crm.secrets").write_text(f"# the new one\n\n  {OTHER}  \n")
    text = f'[methods.crm]\nhosts = ["a"]\nsecrets = ["{SECRET}"]\nsecret_file = "crm.secrets"'
    method = read(file, text).methods["crm"]
    assert method.secrets == (parse_secret(SECRET), parse_secret(OTHER))
    assert method.secret_file == file.parent / "crm.secrets"


def test_secrets_may_come_from_the_environment(file: Path) -> None:
    environ = {"OKYDROM_METHODS__CRM__SECRETS": f'["{SECRET}"]', "OKYDROM_METHODS__CRM__HOSTS": '["a"]'}
    assert read(file, "", environ).methods["crm"].secrets == (parse_secret(SECRET),)
    whole = {"OKYDROM_METHODS": f'{{crm = {{hosts = ["a"], secrets = ["{SECRET}"]}}}}'}
    assert read(file, "", whole).methods["crm"].secrets == (parse_secret(SECRET),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read: No such file or directory"),
        (b"", "must hold at least one secret"),
        (b"# nothing\n", "must hold at least one secret"),
        (b"canary\n", "number 1 must be a secret that begins with whsec_"),
        (b"\xff\xfe", "must be a text file"),
        (b"#" * 70_000, "must be a small text file"),
    ],
)
def test_a_secret_file_that_is_of_no_use_is_a_fault(file: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (file.parent / "crm.secrets").write_bytes(content)
    ((name, place, found),) = faults(file, '[methods.crm]\nhosts = ["a"]\nsecret_file = "crm.secrets"')
    assert (name, place) == ("methods.crm.secret_file", "crm.secrets")
    assert message in found
    assert "canary" not in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('secrets = "whsec_x"', "must be a list of at most 8 secrets"),
        (f"secrets = {[SECRET] * 9}", "must be a list of at most 8 secrets"),
        (f'secrets = ["{SECRET}", "canary"]', "number 2 must be a secret"),
        ('secrets = ["whsec_canary!"]', "number 1 must be base64"),
        ("secrets = [5]", "number 1 must be a secret"),
    ],
)
def test_what_is_no_secret_is_a_fault_that_does_not_show_it(file: Path, text: str, message: str) -> None:
    ((name, _, found),) = faults(file, f'[methods.crm]\nhosts = ["a"]\n{text}')
    assert name == "methods.crm.secrets"
    assert message in found
    assert "canary" not in found
    assert "MfKQ" not in found


def test_secrets_have_to_be_held_to_a_place(file: Path) -> None:
    ((name, _, message),) = faults(file, f'[methods.crm]\nsecrets = ["{SECRET}"]')
    assert name == "methods.crm"
    assert "has secrets: it must have a url or list hosts" in message


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[]", set()),
        ("[404]", {404}),
        ('["404", "420-422"]', {404, 420, 421, 422}),
        ('["5xx", 999]', {*range(500, 600), 999}),
    ],
)
def test_stop_codes_are_codes_ranges_and_classes(file: Path, text: str, codes: set[int]) -> None:
    assert read(file, f"[methods.crm]\nstop_codes = {text}").methods["crm"].stop_codes == codes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("404", "must be a list"),
        ("[99]", "'99' is not a code"),
        ("[1000]", "is not a code"),
        ("[true]", "is not a code"),
        ('["4xy"]', "is not a code"),
        ('["0xx"]', "is not a code"),
        ('["410-404"]', "ends before it begins"),
        ("[204]", "no codes from 200 to 299"),
        ('["2xx"]', "no codes from 200 to 299"),
        ('["199-300"]', "no codes from 200 to 299"),
    ],
)
def test_what_is_no_stop_code_is_a_fault(file: Path, text: str, message: str) -> None:
    ((name, _, found),) = faults(file, f"[methods.crm]\nstop_codes = {text}")
    assert name == "methods.crm.stop_codes"
    assert message in found


# --- destinations ---------------------------------------------------------------------------------------------------


def test_a_destination_has_a_table_of_its_own(file: Path) -> None:
    authority = Authority()
    authority.write(file.parent / "ca.pem")
    authority.identify("client", file.parent / "client.pem")
    text = """
        [recipients]
        concurrency = 3
        [recipients."https://API.example.com"]
        concurrency = 8
        rate = 0.5
        ca_file = "ca.pem"
        client_cert_file = "client.pem"
        proxy = "http://u:p@proxy:3128"
        [recipients."http://[0::1]:8080"]
    """
    settings = read(file, text)
    assert settings.recipients.concurrency == 3
    assert dict(settings.destinations) == {
        NAME: DestinationSettings(
            concurrency=8,
            rate=0.5,
            ca_file=file.parent / "ca.pem",
            client_cert_file=file.parent / "client.pem",
            proxy="http://u:p@proxy:3128",
        ),
        "http://[::1]:8080": DestinationSettings(),
    }


def test_destinations_come_from_the_environment_as_a_whole(file: Path) -> None:
    text = f'[recipients."{NAME}"]\nrate = 5\nconcurrency = 7'
    environ = {"OKYDROM_RECIPIENTS": '{"https://api.example.com" = {rate = 6}, deny = ["10.0.0.0/8"]}'}
    settings = read(file, text, environ)
    assert settings.destinations[NAME] == DestinationSettings(rate=6.0, concurrency=7)
    assert settings.recipients.deny == ("10.0.0.0/8",)
    assert load(file, environ).origins[f"recipients.{NAME}"] is Origin.ENVIRONMENT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[recipients."api.example.com"]\nrate = 1', "must be named by a destination"),
        ('[recipients."https://a/x"]\nrate = 1', "must be named by a destination"),
        ('[recipients."https://u:canary@a"]\nrate = 1', "must be named by a destination"),
        ('[recipients."ftp://a"]', "must be named by a destination"),
        ('[recipients]\n"https://a" = 5', "must be a table with concurrency"),
        ('[recipients."https://a"]\nrates = 1', "is unknown; did you mean rate?"),
        ('[recipients."https://a"]\nrate = 0', "more than 0"),
        ('[recipients."https://a"]\nrate = nan', "must be a number"),
        ('[recipients."https://a"]\nconcurrency = 0', "must be a whole number"),
        ('[recipients."https://a"]\nproxy = "socks5://u:canary@b:1"', "must be http://host:port"),
        ('[recipients."https://a"]\nproxy = "http://u:canary@b"', "must name the port"),
        ('[recipients."http://a"]\nca_file = "ca.pem"', "its scheme must be https"),
        ('[recipients."https://a"]\nca_file = "none.pem"', "ca_file can't be read: No such file"),
        ('[recipients."https://a"]\nca_file = "config.toml"', "ca_file must hold certificates"),
        (
            '[recipients."https://a"]\nclient_cert_file = "ca.pem"',
            "must hold a certificate and its unencrypted key",
        ),
        ('[recipients."https://a"]\nclient_key_file = "ca.pem"', "must have a client_cert_file too"),
        ("[recipients]\nconcurrency = {a = 1}", "must be a whole number"),
        ('[methods.crm]\nproxy = "http://u:canary@b"', "must name the port"),
        ('methods.crm = {url = "http://a/", ca_file = "ca.pem"}', "its scheme must be https"),
        ('[methods.crm]\nca_file = "none.pem"', "ca_file can't be read: No such file"),
    ],
)
def test_a_wrong_table_is_a_fault(file: Path, text: str, message: str) -> None:
    Authority().write(file.parent / "ca.pem")
    ((_, place, found),) = faults(file, text)
    assert message in found
    assert place in ("config.toml:1", "config.toml:2")
    assert "canary" not in found


def test_a_method_s_certificate_has_to_be_held_to_a_place(file: Path) -> None:
    Authority().identify("client", file.parent / "client.pem")
    ((_, _, found),) = faults(file, '[methods.crm]\nclient_cert_file = "client.pem"')
    assert "must have a url or list hosts" in found


def test_an_encrypted_key_is_a_fault_and_asks_nobody(file: Path) -> None:
    key = Authority().key("client", file.parent / "client.pem", password=b"canary")
    assert b"ENCRYPTED" in key
    ((_, _, found),) = faults(file, '[recipients."https://a"]\nclient_cert_file = "client.pem"')
    assert "unencrypted key" in found
