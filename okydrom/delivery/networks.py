"""Networks that are special, as tables: what must never be dialled, and what is not the public Internet.

Written out, because `ipaddress.is_global` disagrees with the registries in many places and changes with Python.
Sources: the IANA registries of special-purpose IPv4 and IPv6 addresses, and the documentation of cloud providers.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

# Never dialled, whatever the configuration says.
NEVER = (
    ("unspecified", "0.0.0.0/8"),
    ("link_local", "169.254.0.0/16"),
    ("metadata", "169.254.169.254/32"),
    ("metadata", "169.254.170.2/32"),  # credentials of containers
    ("metadata", "100.100.100.200/32"),
    ("metadata", "168.63.129.16/32"),
    ("metadata", "192.0.0.192/32"),
    ("multicast", "224.0.0.0/4"),
    ("broadcast", "255.255.255.255/32"),
    ("unspecified", "::/128"),
    ("link_local", "fe80::/10"),
    ("metadata", "fd00:ec2::254/128"),
    ("metadata", "fd20:ce::254/128"),
    ("metadata", "fd00:42::42/128"),
    ("multicast", "ff00::/8"),
)

# Denied by `networks = "public"`.
PRIVATE = (
    ("private", "10.0.0.0/8"),
    ("shared", "100.64.0.0/10"),
    ("loopback", "127.0.0.0/8"),
    ("private", "172.16.0.0/12"),
    ("reserved", "192.0.0.0/24"),
    ("documentation", "192.0.2.0/24"),
    ("reserved", "192.88.99.0/24"),
    ("private", "192.168.0.0/16"),
    ("benchmark", "198.18.0.0/15"),
    ("documentation", "198.51.100.0/24"),
    ("documentation", "203.0.113.0/24"),
    ("reserved", "240.0.0.0/4"),
    ("loopback", "::1/128"),
    ("embedded", "::/96"),  # "IPv4-compatible"
    ("embedded", "::ffff:0:0:0/96"),  # "IPv4-translated"
    ("embedded", "64:ff9b:1::/48"),  # translation of local use
    ("discard", "100::/64"),
    ("reserved", "2001::/23"),
    ("embedded", "2001::/32"),  # Teredo
    ("benchmark", "2001:2::/48"),
    ("documentation", "2001:db8::/32"),
    ("embedded", "2002::/16"),  # 6to4
    ("documentation", "3fff::/20"),
    ("reserved", "5f00::/16"),
    ("private", "fc00::/7"),
    ("site_local", "fec0::/10"),
    # Only 2000::/3 is given out for the Internet.
    ("reserved", "::/3"),
    ("reserved", "4000::/2"),
    ("reserved", "8000::/1"),
)


class Table:
    """Named networks; of those that hold an address the narrowest speaks, of equal ones the first."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        """Entries are (word, CIDR); ValueError for what is no CIDR, or has bits set beyond its prefix."""
        networks = [(word, ip_network(text)) for word, text in entries]
        networks.sort(key=lambda entry: -entry[1].prefixlen)
        self._rows = [_row(word, network) for word, network in networks]

    def find(self, address: Address) -> str | None:
        """The rule that holds this address, as "word CIDR".

        >>> Table([("private", "10.0.0.0/8"), ("mine", "10.1.0.0/16")]).find(ip_address("10.1.2.3"))
        'mine 10.1.0.0/16'
        """
        version, value = address.version, int(address)
        for family, shift, prefix, rule in self._rows:
            if family == version and value >> shift == prefix:
                return rule
        return None


def _row(word: str, network: IPv4Network | IPv6Network) -> tuple[int, int, int, str]:
    shift = network.max_prefixlen - network.prefixlen
    return network.version, shift, int(network.network_address) >> shift, f"{word} {network}"


def forms(address: Address) -> tuple[Address, ...]:
    """What an address stands for: an IPv6 address that carries an IPv4 one is judged by that one too.

    A mapped one, and one of the well-known translation prefix, *is* the IPv4 address: only that one counts.

    >>> forms(ip_address("::ffff:127.0.0.1"))
    (IPv4Address('127.0.0.1'),)
    """
    if isinstance(address, IPv4Address):
        return (address,)
    value = int(address)
    low = IPv4Address(value & 0xFFFF_FFFF)
    high = value >> 32
    if high in (0xFFFF, 0x0064_FF9B << 64):
        return (low,)
    if (high == 0 and value > 0xFFFF) or high == 0xFFFF_0000 or value >> 80 == 0x0064_FF9B_0001:
        return (address, low)
    if value >> 112 == 0x2002:
        return (address, IPv4Address(value >> 80 & 0xFFFF_FFFF))
    if value >> 96 == 0x2001_0000:
        return (address, IPv4Address(~value & 0xFFFF_FFFF))
    return (address,)


def parse_address(text: str) -> Address:
    """An address as a resolver or a socket writes it, a scope (`%eth0`) taken off. Raises ValueError."""
    return ip_address(text.partition("%")[0])


def is_address(host: str) -> bool:
    """Is it an address, not a name?"""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
