"""Which addresses may be connected to: public ones, on the ports of the web.

Refused unless the operator opens them with ``--allow-private``: private, loopback, link-local, shared,
multicast, reserved and unspecified ranges, and the IPv6 forms that carry such an IPv4 address in them.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

WEB_PORTS = frozenset({80, 443})
"""The ports that are asked without the operator's word."""

_DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "3fff::/20",
    )
)  # fmt: skip
# The IANA special-purpose registries (RFC 6890 and its successors), written out because Python's own
# ``is_global`` differs between patch levels.

_UNICAST = ipaddress.IPv6Network("2000::/3")
# The only block of IPv6 from which public addresses are given out (RFC 4291 §2.4 and the IANA registry).

_NAME = re.compile(r"[a-z0-9._-]+\Z")
# What a host name is written in once it is as it is looked up; all else is read one way here and another there.

_LOCAL = ("localhost", "localdomain", "local", "internal", "home.arpa")
# Names of this machine and this network: RFC 6761 §6.3, RFC 6762 §3, RFC 8375, ICANN's reservation of
# "internal", and what resolvers append by custom.

_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\Z", re.IGNORECASE)
# The spellings that inet_aton takes for an address: decimal, hexadecimal, octal, short.


def is_public(address: str) -> bool:
    """Whether a textual IP address is one of the public internet; False for anything that is no address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.teredo is not None:  # nobody serves a web there, and two addresses are in it
            return False
        embedded = ip.ipv4_mapped or ip.sixtofour
        if embedded is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded is not None:
            ip = embedded
        elif ip not in _UNICAST:
            return False
    return not any(ip.version == network.version and ip in network for network in _DENIED)


def literal(host: str) -> str | None:
    """The address that ``host`` spells, in any form a socket would take; None for a name."""
    host = host.strip("[]").rstrip(".")
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    if _NUMERIC.match(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return "0.0.0.0"  # noqa: S104 - spelled like an address and none: refused as unspecified
    return None


def refusal(
    url: str,
    *,
    allow_private: bool,
    ports: Collection[int] = WEB_PORTS,
    proxies: Collection[tuple[str, int]] = (),
) -> str | None:
    """Why ``url`` may not be asked, as far as its spelling tells; None: it may.

    ``proxies``: host and port of the operator's own, which are asked for others and never for themselves.
    Names are judged again when they are resolved, see :mod:`crawler.resolver`; behind a proxy nobody here
    resolves them, and this is all that is known.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")  # as it is looked up: other scripts have digits and dots
    except ValueError:
        return "malformed URL"
    if parts.scheme not in ("http", "https") or not host:
        return "not an http(s) URL"
    if parts.username is not None or parts.password is not None:
        return "credentials in the URL"
    if allow_private:
        return None
    address = literal(host)
    name = host.rstrip(".")
    if address is None and not _NAME.match(host):
        return "malformed URL"
    if address is not None and not is_public(address):
        return "private address"
    if name in _LOCAL or name.endswith(tuple(f".{end}" for end in _LOCAL)):
        return "private address"
    if proxies and address is None and "." not in name:
        return "private address"  # of the network that the proxy is in, if it is anybody's
    if port is not None and port not in ports:
        return f"port {port}"
    if (host, port or (443 if parts.scheme == "https" else 80)) in proxies:
        return "the operator's own proxy"
    return None
