"""Ways of their own: a private authority, a client certificate, a proxy; and that none is shared."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from okydrom.config.reach import parse_proxy
from okydrom.config.settings import DestinationSettings, MethodSettings
from okydrom.delivery.egress import Egress
from okydrom.delivery.ways import Ways, way_of, ways_of
from okydrom.task import Failure
from tests.support.certificates import Authority
from tests.support.lag import Lag
from tests.support.proxy import proxying
from tests.support.raw import hear, raw, say, stay
from tests.support.recipient import receiving
from tests.support.sending import TIMEOUT, post, sending

BOTH_LOOPS = True

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Papers:
    """An authority, its file, and the certificate of a client."""

    def __init__(self, directory: Path) -> None:
        self.authority = Authority()
        self.ca, self.cert, self.key = (directory / name for name in ("ca.pem", "client.pem", "client.key"))
        self.authority.write(self.ca)
        self.authority.identify("okydrom.test", self.cert, self.key)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


def way(destination: str, **settings: object) -> Ways:
    return ways_of({destination: DestinationSettings(**settings)})  # type: ignore[arg-type]


async def test_a_private_authority_is_trusted_where_it_is_named_and_nowhere_else(papers: Papers) -> None:
    context = papers.authority.serve("127.0.0.1")
    async with (
        receiving(context=context) as one,
        receiving(context=context) as two,
        sending(ways=way(one.url, ca_file=papers.ca)) as transport,
    ):
        here = await transport.send(post(f"{one.url}/ok"), TIMEOUT)
        elsewhere = await transport.send(post(f"{two.url}/ok"), TIMEOUT)
    assert here.ok
    assert elsewhere.error is Failure.TLS
    assert two.arrivals == []


async def test_the_system_is_not_trusted_where_an_authority_is_named(papers: Papers) -> None:
    stranger = Authority()
    async with (
        receiving(context=stranger.serve("127.0.0.1")) as recipient,
        sending(ways=way(recipient.url, ca_file=papers.ca)) as transport,
    ):
        assert (await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)).error is Failure.TLS


async def test_a_client_certificate_is_shown(papers: Papers) -> None:
    context = papers.authority.serve("127.0.0.1", clients=papers.authority)
    async with receiving(context=context) as recipient:
        files = {"ca_file": papers.ca, "client_cert_file": papers.cert, "client_key_file": papers.key}
        async with sending(ways=way(recipient.url, **files)) as transport:
            assert (await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)).ok
        async with sending(ways=way(recipient.url, ca_file=papers.ca)) as transport:
            without = await transport.send(post(f"{recipient.url}/ok"), TIMEOUT)
    assert without.error in (Failure.TLS, Failure.RESET)
    assert len(recipient.arrivals) == 1


async def test_plain_http_goes_through_a_proxy_as_it_is() -> None:
    async with receiving() as recipient, proxying() as proxy:
        ways = way(recipient.url, proxy=f"http://us%65r:p%40ss@127.0.0.1:{proxy.port}")
        async with sending(ways=ways) as transport:
            outcomes = [
                await transport.send(post(f"{recipient.url}/ok/%2f?a=~", b"x", ("X", "y")), TIMEOUT)
                for _ in range(2)
            ]
            assert transport.connections == 1
    assert [outcome.code for outcome in outcomes] == [200, 200]
    assert {outcome.address for outcome in outcomes} == {f"127.0.0.1:{proxy.port}"}
    assert proxy.asked == [f"POST {recipient.url}/ok/%2f?a=~ HTTP/1.1"]
    assert proxy.authorizations == ["Basic dXNlcjpwQHNz"]  # user:p@ss
    assert b"X: y\r\n" in proxy.heads[0]
    assert outcomes[0].request_headers == (("X", "y"),)  # what the proxy asks for is nobody else's matter
    assert len(recipient.arrivals) == 2


async def test_https_goes_through_a_tunnel_that_the_proxy_can_not_look_into(papers: Papers) -> None:
    async with (
        receiving(context=papers.authority.serve("inside.test")) as recipient,
        proxying({f"inside.test:{recipient.port}": recipient.port}) as proxy,
    ):
        destination = f"https://inside.test:{recipient.port}"
        ways = way(destination, ca_file=papers.ca, proxy=f"http://u:p@127.0.0.1:{proxy.port}")
        async with sending(ways=ways) as transport:
            outcome = await transport.send(post(f"{destination}/ok", b"x" * 100_000), TIMEOUT)
    assert outcome.code == 200  # the proxy alone knows this name
    assert proxy.asked == [f"CONNECT inside.test:{recipient.port} HTTP/1.1"]
    assert proxy.authorizations == ["Basic dTpw"]
    assert recipient.arrivals[0].header("host") == f"inside.test:{recipient.port}"
    assert recipient.arrivals[0].header("proxy-authorization") is None
    assert recipient.arrivals[0].body == b"x" * 100_000


@pytest.mark.parametrize(
    ("says", "rule"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "proxy 407"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "proxy 502"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\n\r\n", "proxy 301"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\nsmuggled", "proxy 200"),
        (b"SSH-2.0-OpenSSH_9.0\r\n\r\n", "proxy no answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "proxy 200"),
    ],
    ids=["407", "502", "301", "more than its head", "no HTTP", "endless head"],
)
async def test_a_proxy_that_makes_no_tunnel_is_a_connect_failure(says: bytes, rule: str) -> None:
    async with proxying(says=says) as proxy:
        ways = way("https://inside.test:443", proxy=f"http://u:canary@127.0.0.1:{proxy.port}")
        async with sending(ways=ways) as transport:
            outcome = await transport.send(post("https://inside.test/ok"), TIMEOUT)
            assert transport.connections == 0
    assert (outcome.error, outcome.code, outcome.rule) == (Failure.CONNECT, None, rule)
    assert outcome.address == f"127.0.0.1:{proxy.port}"
    assert "canary" not in repr(outcome)


async def test_a_proxy_that_hangs_is_a_timeout(lag: Lag) -> None:
    async with proxying(says=b"") as proxy:
        ways = way("https://inside.test:443", proxy=f"http://127.0.0.1:{proxy.port}")
        async with sending(ways=ways, connect_timeout=200) as transport:
            outcome = await transport.send(post("https://inside.test/ok"), TIMEOUT)
            assert transport.connections == 0
    assert outcome.error is Failure.TIMEOUT
    assert outcome.duration <= 400 + lag.ms


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_denied_address_is_denied_through_a_proxy_too(scheme: str) -> None:
    async with proxying() as proxy, raw([stay()]) as canary:
        destination = f"{scheme}://127.0.0.1:{canary.port}"
        ways = way(destination, proxy=f"http://127.0.0.1:{proxy.port}")
        async with sending(egress=Egress("public"), ways=ways) as transport:
            outcome = await transport.send(post(f"{destination}/"), TIMEOUT)
        assert (outcome.error, outcome.rule) == (Failure.BLOCKED, "loopback 127.0.0.0/8")
        assert (proxy.asked, canary.connections) == ([], 0)


async def test_the_address_of_a_proxy_is_the_operators_choice() -> None:
    async with raw([hear(), say(OK), stay()]) as proxy:  # loopback, which "public" denies
        ways = way("http://outside.test:80", proxy=f"http://localhost:{proxy.port}")
        async with sending(egress=Egress("public"), ways=ways) as transport:
            assert (await transport.send(post("http://outside.test/"), TIMEOUT)).ok
    assert proxy.heard[0].startswith(b"POST http://outside.test/ HTTP/1.1\r\nHost: outside.test\r\n")


async def test_connections_of_two_identities_are_never_shared(papers: Papers, tmp_path: Path) -> None:
    """One recipient under two names, of which each is shown another certificate."""
    other = tmp_path / "other.pem"
    papers.authority.identify("other.test", other)
    context = papers.authority.serve("127.0.0.1", "localhost", clients=papers.authority)
    async with raw([hear(), say(OK), hear(), say(OK), stay()], context=context) as recipient:
        urls = [f"https://{host}:{recipient.port}" for host in ("127.0.0.1", "localhost")]
        ways = way(urls[0], ca_file=papers.ca, client_cert_file=papers.cert, client_key_file=papers.key)
        ways = {**ways, **way(urls[1], ca_file=papers.ca, client_cert_file=other)}
        async with sending(ways=ways) as transport:
            for _ in range(2):
                outcomes = await asyncio.gather(*(transport.send(post(f"{url}/"), TIMEOUT) for url in urls))
                assert [outcome.code for outcome in outcomes] == [200, 200]
            assert transport.connections == 2
        assert recipient.connections == 2


async def test_a_method_has_a_way_of_its_own_whatever_the_destination_has(papers: Papers) -> None:
    context = papers.authority.serve("127.0.0.1", clients=papers.authority)
    settings = MethodSettings(ca_file=papers.ca, client_cert_file=papers.cert, client_key_file=papers.key)
    mine = way_of(settings, "crm")
    async with (
        receiving(context=context) as recipient,
        sending(ways=way(recipient.url, ca_file=papers.ca)) as transport,
    ):
        request = post(f"{recipient.url}/ok")
        for _ in range(2):
            assert (await transport.send(msgspec.structs.replace(request, way=mine), TIMEOUT)).ok
        assert transport.connections == 1
        plain = await transport.send(request, TIMEOUT)
    assert plain.error in (Failure.TLS, Failure.RESET), "the connection that shows a certificate is not taken"
    assert len(recipient.arrivals) == 2


async def test_a_method_s_proxy_is_asked_for_its_tasks_alone() -> None:
    async with receiving() as recipient, proxying() as proxy, sending() as transport:
        mine = way_of(MethodSettings(proxy=f"http://127.0.0.1:{proxy.port}"), "crm")
        request = post(f"{recipient.url}/ok")
        for one in (msgspec.structs.replace(request, way=mine), request):
            assert (await transport.send(one, TIMEOUT)).ok
        assert transport.connections == 2
    assert len(proxy.asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        "socks5://a:1",
        "https://a:1",
        "a:1",
        "http://a",
        "http://a:0",
        "http://a:1/x",
        "http://a:1?x",
        "http://",
        "http://u:canary@",
        "http://ключ:1",
    ],
)
def test_what_is_no_proxy_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="must") as raised:
        parse_proxy(text)
    assert "canary" not in str(raised.value)


def test_a_proxy_shows_nothing_of_its_credentials() -> None:
    proxy = parse_proxy("http://user:canary@[::1]:3128/")
    assert repr(proxy) == "Proxy('::1', 3128)"
    assert parse_proxy("http://proxy:3128").authorization is None
