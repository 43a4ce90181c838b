"""Which addresses may be dialled: examples of every kind, and a comparison with tables written another way."""

import random
import socket
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from ipaddress import ip_network as parse_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okydrom.delivery.egress import Egress
from okydrom.delivery.networks import Table, forms

ip_network = cache(parse_network)

ANY = Egress()
PUBLIC = Egress("public")

NEVER = [
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("169.254.0.1", "link_local"),
    ("169.254.169.254", "metadata"),
    ("169.254.170.2", "metadata"),
    ("169.254.255.255", "link_local"),
    ("100.100.100.200", "metadata"),
    ("168.63.129.16", "metadata"),
    ("192.0.0.192", "metadata"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("fe80::1", "link_local"),
    ("fe80::a9fe:a9fe", "link_local"),
    ("febf:ffff::1", "link_local"),
    ("fe80::1%eth0", "link_local"),
    ("fd00:ec2::254", "metadata"),
    ("fd20:ce::254", "metadata"),
    ("ff02::1", "multicast"),
    ("::ffff:169.254.169.254", "metadata"),
    ("::ffff:0.0.0.0", "unspecified"),
    ("::169.254.169.254", "metadata"),
    ("64:ff9b::a9fe:a9fe", "metadata"),
    ("64:ff9b::6464:64c8", "metadata"),
    ("64:ff9b:1::a9fe:a9fe", "metadata"),
    ("::ffff:0:169.254.169.254", "metadata"),
    ("2002:a9fe:a9fe::1", "metadata"),
    ("2001:0:1234:5678:0:0:5601:5601", "metadata"),  # Teredo writes its client inverted
]
PRIVATE = [
    ("10.0.0.1", "private"),
    ("100.64.0.1", "shared"),
    ("100.127.255.255", "shared"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.1", "reserved"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "reserved"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmark"),
    ("198.19.255.255", "benchmark"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("240.0.0.1", "reserved"),
    ("::1", "loopback"),
    ("::8.8.8.8", "embedded"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:10.0.0.1", "private"),
    ("64:ff9b::10.0.0.1", "private"),
    ("64:ff9b:1::808:808", "embedded"),
    ("100::1", "discard"),
    ("2001::1", "embedded"),
    ("2001:2::1", "benchmark"),
    ("2001:10::1", "reserved"),
    ("2001:db8::1", "documentation"),
    ("2002:808:808::1", "embedded"),
    ("3fff::1", "documentation"),
    ("5f00::1", "reserved"),
    ("fc00::1", "private"),
    ("fd12:3456::1", "private"),
    ("fec0::1", "site_local"),
    ("4000::1", "reserved"),
]
GLOBAL = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


def word(rule: str | None) -> str | None:
    return rule and rule.partition(" ")[0]


@pytest.mark.proof
@pytest.mark.parametrize(("address", "expected"), NEVER)
def test_some_addresses_are_never_dialled(address: str, expected: str, figure: Callable[[str], None]) -> None:
    figure(f"{len(NEVER)} addresses denied whatever the settings say")
    allowing = Egress("any", allow=["0.0.0.0/0", "::/0"])
    assert [word(egress.check(address, 80)) for egress in (ANY, PUBLIC, allowing)] == [expected] * 3


@pytest.mark.proof
@pytest.mark.parametrize(("address", "expected"), PRIVATE)
def test_private_networks_are_dialled_unless_the_setting_says_public(
    address: str, expected: str, figure: Callable[[str], None]
) -> None:
    figure(f"{len(PRIVATE)} addresses denied by public alone")
    assert ANY.check(address, 80) is None
    assert word(PUBLIC.check(address, 80)) == expected


@pytest.mark.proof
@pytest.mark.parametrize("address", GLOBAL)
def test_the_internet_is_dialled(address: str, figure: Callable[[str], None]) -> None:
    figure(f"{len(GLOBAL)} addresses allowed")
    assert ANY.check(address, 443) is PUBLIC.check(address, 443) is None


def test_a_rule_names_its_network() -> None:
    assert PUBLIC.check("10.1.2.3", 80) == "private 10.0.0.0/8"
    assert Egress(deny=["8.8.8.0/24"]).check("8.8.8.8", 80) == "deny 8.8.8.0/24"


def test_a_denied_network_is_denied_in_its_ipv6_forms_too() -> None:
    egress = Egress(deny=["10.0.0.0/8"])
    for address in ("10.2.0.1", "::ffff:10.2.0.1", "64:ff9b::a02:1", "2002:a02:1::1"):
        assert egress.check(address, 80) == "deny 10.0.0.0/8"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.1.2.3", None),  # the narrower list entry speaks, whichever list it is in
        ("10.2.0.1", "deny 10.0.0.0/8"),
        ("10.1.9.9", "deny 10.1.9.9/32"),
        ("::ffff:10.2.0.1", "deny 10.0.0.0/8"),
        ("11.0.0.1", "deny 11.0.0.0/8"),  # in both, equally wide: denied
        ("192.168.0.1", "private 192.168.0.0/16"),
        ("fd00::1", None),
    ],
)
def test_the_lists_refine_the_setting(address: str, expected: str | None) -> None:
    egress = Egress(
        "public",
        allow=["10.1.0.0/16", "11.0.0.0/8", "fd00::/8"],
        deny=["10.0.0.0/8", "10.1.9.9", "11.0.0.0/8"],
    )
    assert egress.check(address, 80) == expected


@pytest.mark.parametrize("bad", ["10.0.0.1/8", "10.0.0.0/33", "example.com", "", "fe80::1%eth0/64"])
def test_what_is_no_network_is_refused_at_start(bad: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Egress(deny=[bad])


def test_a_misspelt_setting_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="any or public"):
        Egress("pubic")


def test_the_own_address_is_refused_on_its_port_alone() -> None:
    egress = Egress(allow=["127.0.0.0/8"])
    egress.listening("127.0.0.1", 8080)
    assert egress.check("127.0.0.1", 8080) == "own_address 127.0.0.1:8080"
    assert egress.check("::ffff:127.0.0.1", 8080) == "own_address 127.0.0.1:8080"
    assert egress.check("127.0.0.1", 8081) is egress.check("127.0.0.2", 8080) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_everywhere_makes_every_address_of_this_host_our_own(host: str) -> None:
    egress = Egress()
    egress.listening(host, 8080)
    assert word(egress.check("127.0.0.1", 8080)) == "own_address"
    assert word(egress.check("127.8.8.8", 8080)) == "own_address"
    assert egress.check("8.8.8.8", 8080) is egress.check("127.0.0.1", 80) is None


# --- the same, said another way -----------------------------------------------------------------------------------

SPECIAL_V4 = [
    *(
        [
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
        ]
    ),
    *(
        [
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
        ]
    ),
    *(["224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"]),
]
SPECIAL_IN_V6_INTERNET = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]


def expected_public(address: IPv4Address | IPv6Address) -> bool:
    """Plain membership, without our tables: may `public` dial it?"""
    if isinstance(address, IPv4Address):
        return not any(address in ip_network(each) for each in SPECIAL_V4)
    for prefix in ("::ffff:0:0/96", "64:ff9b::/96"):
        if address in ip_network(prefix):
            return expected_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in ip_network("2000::/3") and not any(
        address in ip_network(each) for each in SPECIAL_IN_V6_INTERNET
    )


NEVER_V4 = ["0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255", "100.100.100.200"]
NEVER_V4 += ["168.63.129.16", "192.0.0.192"]
NEVER_V6 = ["::", "fe80::/10", "ff00::/8", "fd00:ec2::254", "fd20:ce::254", "fd00:42::42"]


def expected_any(address: IPv4Address | IPv6Address) -> bool:
    """Plain membership again: may `any` dial it?"""
    if isinstance(address, IPv4Address):
        return not any(address in ip_network(each) for each in NEVER_V4)
    inner = embedded(address)
    if inner is not None and not expected_any(inner):
        return False
    return not any(address in ip_network(each) for each in NEVER_V6)


def embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one carries."""
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    carrying = ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96")
    if any(address in ip_network(each) for each in carrying):
        return low
    if address in ip_network("::/96") and int(address) > 0xFFFF:
        return low
    return address.sixtofour or (address.teredo[1] if address.teredo else None)


def chance_address(rand: random.Random) -> IPv4Address | IPv6Address:
    """Anywhere, at the borders of special networks, or one address inside another."""
    kind = rand.randrange(5)
    borders = [ip_network(each) for each in (*SPECIAL_V4, *NEVER_V4, *SPECIAL_IN_V6_INTERNET, *NEVER_V6)]
    if kind == 0:
        return IPv4Address(rand.getrandbits(32))
    if kind == 1:
        return IPv6Address(rand.getrandbits(128))
    if kind == 2:
        return IPv6Address(rand.getrandbits(125) | 1 << 125)
    network = rand.choice(borders)
    edge = int(rand.choice([network.network_address, network.broadcast_address])) + rand.randint(-2, 2)
    if network.version == 6:
        return IPv6Address(edge % 2**128)
    four = edge % 2**32
    if kind == 3:
        return IPv4Address(four)
    return IPv6Address(
        rand.choice(
            [
                0xFFFF << 32 | four,
                0x0064_FF9B << 96 | four,
                0x0064_FF9B_0001 << 80 | four,
                0xFFFF_0000 << 32 | four,
                0x2002 << 112 | four << 80,
                0x2001_0000 << 96 | four ^ 0xFFFFFFFF,
            ]
        )
    )


def edges(networks: list[str]) -> st.SearchStrategy[int]:
    """Numbers at and just beyond the borders of networks, where tables go wrong."""
    borders = [
        border
        for each in map(ip_network, networks)
        for border in (int(each.network_address), int(each.broadcast_address))
    ]
    return st.builds(lambda border, step: border + step, st.sampled_from(borders), st.integers(-2, 2))


v4 = st.one_of(st.integers(0, 2**32 - 1), edges(SPECIAL_V4)).map(lambda value: IPv4Address(value % 2**32))
v6 = st.one_of(
    st.integers(0, 2**128 - 1),
    st.integers(0x2000 << 112, (0x4000 << 112) - 1),
    edges([*SPECIAL_IN_V6_INTERNET, "2000::/3", "64:ff9b::/96", "::ffff:0:0/96", "fe80::/10", "fc00::/7"]),
    st.builds(
        lambda low, prefix: int(ip_address(prefix)) | int(low),
        v4,
        st.sampled_from(["::ffff:0:0", "64:ff9b::"]),
    ),
).map(lambda value: IPv6Address(value % 2**128))


@given(st.one_of(v4, v6))
@example(ip_address("2001:1ff:ffff::"))
def test_public_agrees_with_plain_tables(address: IPv4Address | IPv6Address) -> None:
    assert (PUBLIC.check(str(address), 80) is None) == expected_public(address)


@pytest.mark.proof
def test_both_settings_agree_with_plain_tables_on_random_addresses(
    seed: int, rounds: Callable[[int], int], figure: Callable[[str], None]
) -> None:
    """The control: tables that lack one network are caught."""
    rand = random.Random(seed)
    tried = [chance_address(rand) for _ in range(rounds(20_000))]
    for address in tried:
        assert (PUBLIC.check(str(address), 80) is None) == expected_public(address), address
        assert (ANY.check(str(address), 80) is None) == expected_any(address), address
    lacking = Egress("public", allow=["172.16.0.0/12"])
    caught = sum((lacking.check(str(each), 80) is None) != expected_public(each) for each in tried)
    assert caught
    denied = sum(not expected_public(each) for each in tried)
    figure(f"{len(tried)} random addresses agree, {denied} denied; a missing network: {caught} caught")


@given(st.one_of(v4, v6))
def test_what_public_dials_any_dials_too(address: IPv4Address | IPv6Address) -> None:
    assert PUBLIC.check(str(address), 80) or ANY.check(str(address), 80) is None


@given(v4)
def test_a_mapped_address_is_judged_like_the_one_it_maps(address: IPv4Address) -> None:
    mapped = socket.inet_ntop(socket.AF_INET6, b"\0" * 10 + b"\xff\xff" + address.packed)
    assert [ANY.check(mapped, 80), PUBLIC.check(mapped, 80)] == [
        ANY.check(str(address), 80),
        PUBLIC.check(str(address), 80),
    ]


@given(v4)
def test_no_ipv6_form_leads_to_an_ipv4_address_that_is_never_dialled(address: IPv4Address) -> None:
    low = int(address)
    inverted = low ^ 0xFFFFFFFF
    for value in (
        low,
        0xFFFF << 32 | low,
        0xFFFF_0000 << 32 | low,
        0x0064_FF9B << 96 | low,
        0x2002 << 112 | low << 80,
        0x2001_0000 << 96 | inverted,
    ):
        if value > 0xFFFF and ANY.check(str(address), 80) is not None:
            assert ANY.check(str(IPv6Address(value)), 80) is not None


def test_the_narrowest_network_of_a_table_speaks() -> None:
    table = Table([("wide", "10.0.0.0/8"), ("narrow", "10.1.0.0/16"), ("same", "10.1.0.0/16")])
    assert table.find(ip_address("10.1.0.1")) == "narrow 10.1.0.0/16"
    assert table.find(ip_address("10.2.0.1")) == "wide 10.0.0.0/8"
    assert table.find(ip_address("a00::")) is None


def test_plain_addresses_stand_for_themselves() -> None:
    for text in ("8.8.8.8", "::1", "::", "2606:4700::1"):
        assert forms(ip_address(text)) == (ip_address(text),)
