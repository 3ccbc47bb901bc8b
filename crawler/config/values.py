"""The readers of values that mean something of ours: contact, token, purposes, kinds, addresses."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from crawler import TOKEN
from crawler.addresses import is_public, literal
from crawler.config import lists
from crawler.config.accept import accepted
from crawler.config.given import Given, entries, member, one_of, path, text, whole, words
from crawler.config.model import Profile, Scope
from crawler.optout.model import Kind, Malformed, Posture, Purpose, Reading

KINDS = tuple(Kind)
"""The kinds that can be asked for."""

_TOKEN = re.compile(r"[A-Za-z_-]+")
# RFC 9309 §2.2.1: identifier = 1*(%x2D / %x41-5A / %x5F / %x61-7A), that is "-", "A-Z", "_", "a-z"

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*")

RESERVED = ("example", "invalid", "localhost", "test", "example.com", "example.net", "example.org")
"""Names that reach nobody: RFC 2606, RFC 6761."""

_PLACEHOLDERS = frozenset({"changeme", "me", "name", "someone", "todo", "user", "you", "your-name", "yourname"})


def contact(given: Given) -> str:
    """A mail address or web page of the operator; ``mailto:`` is left out."""
    value = text(given).removeprefix("mailto:")
    wanted = "a mail address or an http(s) URL under which a site owner reaches you"
    if "@" in value and "/" not in value.partition("@")[0]:
        if not _MAIL.fullmatch(value):
            raise given.not_a(wanted)
    elif not _is_web_url(value) or re.search(r"[\s()<>\"\\]", value):
        raise given.not_a(wanted)
    if value.partition("@")[0].lower() in _PLACEHOLDERS and reaches_nobody(value):
        raise given.error(f"{value} is a placeholder; write an address under which a site owner reaches you")
    return value


def reaches_nobody(contact: str) -> bool:
    """Whether the contact is under a name that is reserved for examples and tests."""
    host = contact.rpartition("@")[2] if "://" not in contact else urlsplit(contact).hostname or ""
    return is_reserved(host)


def is_reserved(host: str) -> bool:
    """Whether the name is reserved for examples and tests, or is under one that is."""
    host = host.lower().rstrip(".")
    return any(host == name or host.endswith("." + name) for name in RESERVED)


def web_url(given: Given) -> str:
    """An http(s) URL."""
    value = text(given)
    if not _is_web_url(value) or re.search(r"[\s<>\"\\]", value):
        raise given.not_a("an http(s) URL")
    return value


def addresses(given: Given) -> tuple[str, ...]:
    """Address ranges in CIDR notation, sorted, those of IPv4 first; a single address is a range of one."""
    found = {_network(Given(one, given.origin, given.where)) for one in entries(given, r"[\s,]+")}
    return tuple(
        map(str, sorted(found, key=lambda one: (one.version, int(one.network_address), one.prefixlen)))
    )


def _network(given: Given) -> IPv4Network | IPv6Network:
    wanted = "a range of addresses, such as 203.0.113.0/24 or 2001:db8::/48"
    try:
        network = ip_network(str(given.raw))
    except ValueError as error:
        exact = "has host bits set" in str(error)
        raise given.not_a(f"{wanted}, which begins at its first address" if exact else wanted) from None
    if network.prefixlen == 0 or "%" in str(network):
        raise given.not_a(f"{wanted}, and no more than you have")
    return network


def authority(value: str) -> str:
    """The URL of a time-stamping authority; raises ``Malformed`` with what it should be."""
    if not _is_web_url(value) or not re.fullmatch("[!-~]+", value):
        raise Malformed("an http(s) URL")
    if "@" in urlsplit(value).netloc:
        raise Malformed("a URL without a user name, which would end up in the ledger")
    return value


def _is_web_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def tokens(given: Given) -> tuple[str, ...]:
    """The operator's product token before ours, which stays an alias."""
    value = text(given)
    if not _TOKEN.fullmatch(value):
        raise given.not_a("a product token, which has only letters, '-' and '_'")
    return (value,) if value.lower() == TOKEN else (value, TOKEN)


def scope(given: Given) -> Scope:
    """How far to go."""
    return _named(given, get_args(Scope))  # type: ignore[no-any-return]


def profile(given: Given) -> Profile:
    """A settings profile; ``settings.polite`` is ``polite``."""
    bare = given.raw.removeprefix("settings.") if isinstance(given.raw, str) else given.raw
    return _named(Given(bare, given.origin, given.where), get_args(Profile))  # type: ignore[no-any-return]


def _named(given: Given, names: tuple[str, ...]) -> Any:
    if given.raw not in names:
        raise given.not_a(one_of(names))
    return given.raw


def posture(given: Given) -> Posture:
    """A posture."""
    return member(given, Posture)


def accept(given: Given) -> frozenset[str]:
    """Licences and permissions that count beside those that do anyway."""
    found = set()
    for name in entries(given, r"[\s,]+"):
        try:
            found.add(accepted(name))
        except Malformed as error:
            raise Given(name, given.origin, given.where).not_a(str(error)) from None
    return frozenset(found)


def trust_anchors(given: Given) -> Path:
    """A file of certificates."""
    file = path(given)
    try:
        lists.certificates(file)
    except Malformed as error:
        raise Given(str(file), given.origin, given.where).not_a(str(error)) from None
    return file


def reading(given: Given) -> Reading:
    """A reading; the literal one is heard from ``heedful.toml`` alone."""
    value = member(given, Reading)
    if value is Reading.LITERAL and given.origin != "file":
        raise given.error(
            "the literal reading weakens the promise and is accepted only from heedful.toml: "
            'write reading = "literal" and reason = "…" under [policy]'
        )
    return value


def purposes(given: Given) -> frozenset[Purpose]:
    """What the corpus is for; at least one purpose."""
    return frozenset(member(Given(word, given.origin, given.where), Purpose) for word in words(given))


def kinds(given: Given) -> frozenset[Kind]:
    """What to keep; at least one kind."""
    found = words(given)
    for word in found:
        if word not in KINDS:
            raise Given(word, given.origin, given.where).not_a(one_of(KINDS))
    return frozenset(Kind(word) for word in found)


def country(given: Given) -> str:
    """An ISO 3166-1 alpha-2 code, upper case."""
    value = text(given).upper()
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise given.not_a("a country code of two letters")
    return value


def ports(given: Given) -> frozenset[int]:
    """Ports that may be asked; at least one."""
    raw = given.raw
    if not isinstance(raw, list) or not raw:
        raise given.not_a("a list of port numbers")
    found = frozenset(whole(Given(port, given.origin, given.where)) for port in raw)
    if max(found) > 65_535:
        raise given.not_a("a list of port numbers up to 65535")
    return found


def port(given: Given) -> int:
    """A port to listen on; 0: none."""
    number = whole(given, least=0)
    if number > 65_535:
        raise given.not_a("a port number up to 65535")
    return number


def resolve(given: Given) -> tuple[str, ...]:
    """``HOST:PORT:ADDRESS`` entries; ``*`` may begin the host, or be the port."""
    found = entries(given, r"[\s,]+")
    for entry in found:
        host, _, rest = entry.partition(":")
        port, _, address = rest.partition(":")
        named = re.fullmatch(r"(?:\*|(?:\*\.?)?[^\s*/:@]+)", host)
        numbered = port == "*" or (re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65_536)
        if not named or not numbered or literal(address) is None:
            raise Given(entry, given.origin, given.where).not_a(
                "HOST:PORT:ADDRESS, for instance example.org:443:192.0.2.1"
            )
    return found


def leads_home(entries: tuple[str, ...]) -> bool:
    """Whether every ``resolve`` entry, and at least one, leads to an address that is not public."""
    return bool(entries) and not any(is_public(entry.split(":", 2)[2].strip("[]")) for entry in entries)
