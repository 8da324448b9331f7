"""Where a URL of somebody else may lead: https to a name in the public internet, and never into the network of the
installation.

A URL is judged when it is registered, its name by its form; the addresses of the name are judged again at each request
(`ops/outward.py`), because a name may lead elsewhere by then."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

import idna

MAX_URL_LENGTH = 500
HTTPS_PORT, FIRST_FREE_PORT = 443, 1024
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^\s/?#@:%\\\[\]]{1,253})(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?][!-~]*)?",
    re.IGNORECASE,
)
"""No user, no brackets (IPv6), no percent sign in the host, no fragment. A host may have letters of any script."""
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL = (
    *("localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa"),
    *("onion", "arpa"),
)
"""Ends of names that are never public (RFC 6761, RFC 8375), metadata hosts among them (`metadata.google.internal`)."""
_ADDRESS_IN_NAME = ("nip.io", "sslip.io", "xip.io", "localtest.me", "lvh.me")
"""Services whose names lead to the address that is written in them."""
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("100.100.100.200/32", "168.63.129.16/32"),
        *("::/128", "::1/128", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23"),
        *("2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
"""Beside what the standard library calls not global: tunnels whose end may be anywhere (6to4, Teredo, NAT64, mapped
and compatible addresses), and two addresses at which clouds serve metadata."""


@dataclass(frozen=True)
class Target:
    """A URL in its parts. `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the header Host says."""
        default = HTTPS_PORT if self.scheme == "https" else 80
        return self.host if self.port == default else f"{self.host}:{self.port}"


def parse_target(url: str, *, is_open: bool = False) -> Target:
    """The parts of a URL that may be registered. `is_open`: development, where http and any host may be, too.

    Raises ValueError, which says what to give instead and never repeats the URL."""
    found = _URL.fullmatch(url) if len(url) <= MAX_URL_LENGTH else None
    if found is None:
        raise ValueError(f"is no plain URL of at most {MAX_URL_LENGTH} characters: https://name/path, without user")
    scheme, rest = found["scheme"].lower(), found["rest"] or "/"
    default = HTTPS_PORT if scheme == "https" else 80
    port = int(found["port"]) if found["port"] else default
    path = rest if rest.startswith("/") else f"/{rest}"
    if is_open:
        return Target(scheme, found["host"].lower(), port, path)
    if scheme != "https":
        raise ValueError("is not https: whatever goes there could be read on its way")
    if port != HTTPS_PORT and not FIRST_FREE_PORT <= port <= 65535:
        raise ValueError("names a port that others serve; use 443, or one from 1024 to 65535")
    return Target(scheme, public_name(found["host"]), port, path)


def ascii_domain(domain: str) -> str:
    """A domain in lower case and Punycode. Raises ValueError where it is none, an IPv4 address in dots for example."""
    try:
        name = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        raise ValueError("is not a domain") from None
    labels = name.split(".")
    # The last label of a domain has a letter; without one it would be read as an IPv4 address.
    if len(labels) < 2 or len(labels[-1]) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError("is not a domain")
    return name


def public_name(host: str) -> str:
    """The name of a host in lower case and Punycode. Raises ValueError for an address in any spelling, and for names
    that lead to no public host."""
    try:
        name = ascii_domain(host)
    except ValueError:
        raise ValueError("has no public host name: give one with a dot, and no address") from None
    last = name.rpartition(".")[2]
    # Programs read a name whose last part is a number as an IPv4 address, also in hexadecimal (0x7f.1).
    if last[:1].isdigit() or any(name == end or name.endswith(f".{end}") for end in (*_LOCAL, *_ADDRESS_IN_NAME)):
        raise ValueError("has a host that is not in the public internet")
    return name


def is_public(address: str) -> bool:
    """Whether an address, as the resolver gives it, is one of the public internet. Zone ids are never."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.scope_id is not None:
        return False
    inside = any(ip in network for network in _NOT_PUBLIC if network.version == ip.version)
    return ip.is_global and not inside and not ip.is_multicast and not ip.is_reserved


def pinned(addresses: Iterable[str]) -> str | None:
    """The address to connect to: the first one, if all of them are public; None otherwise. A name with one address
    inside and one outside is a trap, whichever comes first."""
    found = list(addresses)
    return found[0] if found and all(map(is_public, found)) else None
