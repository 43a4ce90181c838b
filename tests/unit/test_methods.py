"""Methods: which there are, and where the credentials of one may go."""

import pytest

from okydrom.config.secrets import parse_secret
from okydrom.config.settings import MethodSettings
from okydrom.delivery.methods import Method, Methods
from okydrom.delivery.signing import Signer
from okydrom.task import VERBS, Schedule

SECRET = (("X-Key", "k"),)
SIGNING = parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
SIGNER = Signer([SIGNING])


def method(**fields: object) -> Method:
    return Method(name="crm", http_method="POST", **fields)  # type: ignore[arg-type]


def test_the_verbs_are_built_in_and_bring_nothing_of_their_own() -> None:
    methods = Methods({})
    assert methods.names() == VERBS
    for found in methods.all():
        assert (found.name, found.http_method, found.builtin) == (found.name, found.name, True)
        assert (found.url, found.hosts, found.headers, found.timeout, found.retry) == (
            None,
            (),
            (),
            None,
            None,
        )


def test_a_defined_method_has_all_that_the_settings_say() -> None:
    settings = MethodSettings(
        http_method="PUT",
        url="https://crm.internal/hook",
        hosts=("crm.internal",),
        headers=SECRET,
        timeout=3_000,
        max_attempts=4,
        retry=Schedule((5_000,)),
        description="Tell the CRM",
    )
    found = Methods({"crm": settings}).get("crm")
    assert found == Method(
        name="crm",
        http_method="PUT",
        url="https://crm.internal/hook",
        hosts=("crm.internal",),
        headers=SECRET,
        timeout=3_000,
        max_attempts=4,
        retry=Schedule((5_000,)),
        builtin=False,
        description="Tell the CRM",
    )


def test_an_unknown_name_is_no_method() -> None:
    assert Methods({}).get("post") is None


@pytest.mark.parametrize(
    ("found", "url", "permitted"),
    [
        # nothing to protect: a task goes where it wants
        (method(), "https://anywhere.example/", True),
        (method(url="https://crm.internal/hook"), "https://anywhere.example/", True),
        # headers, and a fixed URL: that one alone
        (method(url="https://crm.internal/hook", headers=SECRET), "https://crm.internal/hook", True),
        (method(url="https://crm.internal/hook", headers=SECRET), "https://crm.internal/other", False),
        (method(url="https://crm.internal/hook", headers=SECRET), "http://crm.internal/hook", False),
        (method(url="https://crm.internal/hook", signer=SIGNER), "https://crm.internal/hook", True),
        (method(url="https://crm.internal/hook", signer=SIGNER), "https://crm.internal/other", False),
        # hosts: whatever the port and the scheme
        (method(hosts=("crm.internal",), headers=SECRET), "https://crm.internal/hook", True),
        (method(hosts=("crm.internal",), headers=SECRET), "http://CRM.internal:8080/x?y=z", True),
        (method(hosts=("crm.internal",)), "https://elsewhere.example/", False),
        (method(hosts=("crm.internal",), headers=SECRET), "https://sub.crm.internal/", False),
        (method(hosts=("crm.internal",), headers=SECRET), "https://crm.internal.evil.example/", False),
        # host and port, and a whole destination
        (method(hosts=("crm.internal:8443",)), "https://crm.internal:8443/", True),
        (method(hosts=("crm.internal:8443",)), "https://crm.internal/", False),
        (method(hosts=("https://crm.internal:443",)), "https://crm.internal/", True),
        (method(hosts=("https://crm.internal:443",)), "http://crm.internal:443/", False),
        (method(hosts=("[::1]:8080",)), "http://[0::1]:8080/", True),
        # spellings that two readers may take differently
        (method(hosts=("crm.internal",)), "https://evil.example\\@crm.internal/", False),
        (method(hosts=("crm.internal",)), "https://crm.internal@evil.example/", False),
        (method(hosts=("crm.internal",)), "https://evil.example#@crm.internal/", False),
        (method(hosts=("crm.internal",)), "https://evil.example?@crm.internal/", False),
        (method(hosts=("crm.internal",)), "https:/crm.internal/", False),
        # its own URL is always its own
        (method(url="https://a.example/", hosts=("b.example",), headers=SECRET), "https://a.example/", True),
    ],
)
def test_what_a_method_carries_goes_only_where_it_may(found: Method, url: str, permitted: bool) -> None:
    assert found.permits(url) is permitted
