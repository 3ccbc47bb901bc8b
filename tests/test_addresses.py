"""Only public addresses are connected to, however they are spelled and whoever names them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.resolver import HostResolution, dnscache
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.addresses import is_public, literal, refusal
from crawler.demo.answer import page, text
from crawler.demo.server import LoopbackWeb
from crawler.resolver import GuardedResolver, Overrides
from tests.projects import python

PUBLIC = (
    "93.184.216.34",
    "1.1.1.1",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "169.253.0.1",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:2800:220:1:248:1893:25c8:1946",
    "2a00:1450:4001:80b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
)

NOT_PUBLIC = (
    # IPv4, first and last of each block
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    # IPv6
    "::",
    "::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "2001:db8::1",
    "64:ff9b:1::1",
    # IPv6 that carries IPv4
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:c0a8:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo of 127.0.0.1
    # No address at all
    "",
    "localhost",
    "1.2.3",
    "256.1.1.1",
    "::g",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address: str) -> None:
    assert not is_public(address)


SPELLINGS = (
    ("127.0.0.1", "127.0.0.1"),
    ("127.1", "127.0.0.1"),
    ("127.0.1", "127.0.0.1"),
    ("2130706433", "127.0.0.1"),
    ("0x7f000001", "127.0.0.1"),
    ("0X7F000001", "127.0.0.1"),
    ("0x7f.1", "127.0.0.1"),
    ("0x7f.0.0.0x1", "127.0.0.1"),
    ("017700000001", "127.0.0.1"),
    ("0177.0.0.1", "127.0.0.1"),
    ("0177.0.0.01", "127.0.0.1"),
    ("127.0.0.1.", "127.0.0.1"),
    ("0", "0.0.0.0"),
    ("0.0.0.0", "0.0.0.0"),
    ("3232235777", "192.168.1.1"),
    ("0xa9fea9fe", "169.254.169.254"),
    ("4294967296", "0.0.0.0"),
    ("1.2.3.4.5", None),
    ("999.1.1.1", "0.0.0.0"),
    ("08.1.1.1", "0.0.0.0"),
    ("0x", "0.0.0.0"),
    ("[::1]", "::1"),
    ("::1", "::1"),
    ("[fe80::1%25eth0]", "fe80::1"),
    ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
    ("example.org", None),
    ("1e100.net", None),
    ("0x7f.example", None),
    ("a.1", None),
    ("", None),
)


@pytest.mark.parametrize(("host", "address"), SPELLINGS)
def test_literal(host: str, address: str | None) -> None:
    got = literal(host)
    assert got == address or (got is not None and address == "::ffff:7f00:1" and got.startswith("::ffff:"))


ALLOWED = (
    "http://example.org/",
    "https://example.org/",
    "http://example.org:80/",
    "https://example.org:443/",
    "https://example.org:80/",
    "http://example.org./",
    "http://EXAMPLE.org/",
    "http://93.184.216.34/",
    "http://[2606:2800:220:1::1]/",
    "http://localhost.example.org/",
    "http://mylocalhost/",
    "http://127.0.0.1.example.org/",
    "http://xn--bcher-kva.example/",
)

REFUSED = (
    ("http://127.0.0.1/", "private address"),
    ("http://127.1/", "private address"),
    ("http://2130706433/", "private address"),
    ("http://0x7f000001/", "private address"),
    ("http://017700000001/", "private address"),
    ("http://0177.0.0.1/", "private address"),
    ("http://127.0.0.1./", "private address"),
    ("http://0/", "private address"),
    ("http://169.254.169.254/latest/meta-data/", "private address"),
    ("http://10.0.0.1/", "private address"),
    ("http://999.1.1.1/", "private address"),
    ("http://[::1]/", "private address"),
    ("http://[::]/", "private address"),
    ("http://[::ffff:127.0.0.1]/", "private address"),
    ("http://[::ffff:7f00:1]/", "private address"),
    ("http://[64:ff9b::7f00:1]/", "private address"),
    ("http://[2002:7f00:1::]/", "private address"),
    ("http://[fe80::1%25eth0]/", "private address"),
    ("http://[fd00::1]/", "private address"),
    ("http://localhost/", "private address"),
    ("http://LOCALHOST/", "private address"),
    ("http://localhost./", "private address"),
    ("http://www.localhost/", "private address"),
    ("http://printer.local/", "private address"),
    ("http://metadata.google.internal/", "private address"),
    ("http://127。0。0。1/", "private address"),
    ("http://１２７.0.0.1/", "private address"),
    ("http://ⓛocalhost/", "private address"),
    ("http://example.org:8080/", "port 8080"),
    ("http://example.org:22/", "port 22"),
    ("http://example.org:0/", "port 0"),
    ("http://me@example.org/", "credentials in the URL"),
    ("http://me:pass@example.org/", "credentials in the URL"),
    ("http://@example.org/", "credentials in the URL"),
    ("http://:@example.org/", "credentials in the URL"),
    ("http://example.org@127.0.0.1/", "credentials in the URL"),
    ("http://example.org:99999/", "malformed URL"),
    ("http://example.org:port/", "malformed URL"),
    ("http://[::1/", "malformed URL"),
    ("http:///path", "not an http(s) URL"),
    ("http://", "not an http(s) URL"),
    ("ftp://example.org/", "not an http(s) URL"),
    ("file:///etc/passwd", "not an http(s) URL"),
    ("data:text/html,x", "not an http(s) URL"),
    ("gopher://example.org/", "not an http(s) URL"),
    ("//example.org/", "not an http(s) URL"),
    ("/path", "not an http(s) URL"),
    ("", "not an http(s) URL"),
)


@pytest.mark.parametrize("url", ALLOWED)
def test_a_public_url_may_be_asked(url: str) -> None:
    assert refusal(url, allow_private=False) is None


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_everything_else_may_not(url: str, reason: str) -> None:
    assert refusal(url, allow_private=False) == reason


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_the_operator_opens_addresses_and_ports_but_nothing_else(url: str, reason: str) -> None:
    opened = reason == "private address" or reason.startswith("port ")
    assert refusal(url, allow_private=True) == (None if opened else reason)


def test_ports_are_the_operators() -> None:
    assert refusal("http://example.org:8080/", allow_private=False, ports={8080}) is None
    assert refusal("http://example.org:443/", allow_private=False, ports={8080}) == "port 443"
    assert refusal("http://127.0.0.1:8080/", allow_private=False, ports={8080}) == "private address"


@given(st.text(max_size=40))
def test_junk_never_raises(host: str) -> None:
    is_public(host)
    literal(host)
    refusal(host, allow_private=False)
    refusal(f"http://{host}/", allow_private=False)


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_the_same_address(address: Any) -> None:
    number = int(address)
    for spelled in (str(number), hex(number), f"0{number:o}"):
        assert literal(spelled) == str(address)


# Overrides

OVERRIDES = Overrides(
    ["a.example:80:192.0.2.1", "*.b.example:*:192.0.2.2", "c.example:443:[::1]", "*:8080:127.0.0.1"]
)


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("a.example", 80, "192.0.2.1"),
        ("a.example", 443, None),
        ("x.b.example", 1, "192.0.2.2"),
        ("b.example", 1, None),
        ("c.example", 443, "::1"),
        ("anything", 8080, "127.0.0.1"),
        ("a.example", 8080, "127.0.0.1"),
    ],
)
def test_overrides(host: str, port: int, address: str | None) -> None:
    assert OVERRIDES.address(host, port) == address


@pytest.mark.parametrize("entry", ["", "a", "a:80", "a:80:", "a:http:1.1.1.1", ":80:1.1.1.1", "a:80:b.example"])
def test_an_override_that_says_nothing_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is not HOST:PORT:ADDRESS"):
        Overrides([entry])


# The resolver on its own


class Names:
    """A zone that answers each question with the next of its answers, and the reactor it is installed on."""

    def __init__(self, *answers: Iterable[str]) -> None:
        self.answers = [list(answer) for answer in answers]
        self.nameResolver = self

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, *more: Any) -> HostResolution:
        resolution = HostResolution(name)
        receiver.resolutionBegan(resolution)
        for address in self.answers.pop(0):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return resolution


class Heard:
    """Collects what a resolver says."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: Any) -> None:
        pass

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.complete = True


def resolve(resolver: GuardedResolver, name: str, port: int = 80) -> list[str]:
    heard = Heard()
    resolver.resolveHostName(heard, name, port)  # type: ignore[arg-type]
    assert heard.complete
    return heard.addresses


@pytest.fixture(autouse=True)
def _no_cache() -> None:
    dnscache.clear()
    GuardedResolver.refused.clear()


def guarded(names: Names, *entries: str, private: bool = False, cache: int = 0) -> GuardedResolver:
    return GuardedResolver(names, cache, (entries, private))  # type: ignore[arg-type]


def test_private_answers_are_left_out() -> None:
    names = Names(["127.0.0.1", "93.184.216.34", "::1", "::ffff:10.0.0.1"], ["10.0.0.1", "fd00::1"], [])
    resolver = guarded(names)
    assert resolve(resolver, "mixed.example") == ["93.184.216.34"]
    assert resolve(resolver, "private.example") == []
    assert resolve(resolver, "nothing.example") == []
    assert GuardedResolver.refused == {"private.example": "10.0.0.1"}


def test_a_name_that_is_pointed_elsewhere_between_two_look_ups_is_judged_again() -> None:
    resolver = guarded(Names(["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34"]))
    assert resolve(resolver, "rebind.example") == ["93.184.216.34"]
    assert resolve(resolver, "rebind.example") == []
    assert "rebind.example" in GuardedResolver.refused
    assert resolve(resolver, "rebind.example") == ["93.184.216.34"]
    assert "rebind.example" not in GuardedResolver.refused


def test_the_cache_is_behind_the_guard() -> None:
    names = Names(["127.0.0.1"])
    opened, closed = guarded(names, private=True, cache=10), guarded(names, cache=10)
    assert resolve(opened, "cached.example") == ["127.0.0.1"]
    assert resolve(closed, "cached.example") == []


def test_an_override_is_judged_like_an_answer() -> None:
    entries = ("a.example:*:127.0.0.1", "b.example:*:93.184.216.34", "c.example:*:::1")
    assert resolve(guarded(Names(), *entries), "a.example") == []
    assert resolve(guarded(Names(), *entries), "B.example") == ["93.184.216.34"]
    assert resolve(guarded(Names(), *entries, private=True), "a.example") == ["127.0.0.1"]
    assert resolve(guarded(Names(), *entries, private=True), "c.example") == ["::1"]


# The resolver in a crawl, with a real reactor

ADDON = {"ADDONS": {"crawler.addon.OptOutAddon": 500}}
PRIVATE = {"OPTOUT_ALLOW_PRIVATE": True}

CRAWLS: tuple[tuple[str, str, dict[str, Any], dict[str, Any], bool], ...] = (
    ("project", "process", ADDON, {}, False),
    ("project, asyncio", "async-process", ADDON, {}, False),
    ("add-on of one spider", "process", {}, ADDON, False),
    ("add-on of one spider, asyncio", "async-process", {}, ADDON, False),
    ("a reactor of the script's own", "runner", ADDON, {}, False),
    ("resolve alone opens nothing", "process", {**ADDON, "OPTOUT_RESOLVE": ["*:*:127.0.0.1"]}, {}, False),
    ("opened by the project", "process", {**ADDON, **PRIVATE}, {}, True),
    ("opened by the spider", "process", ADDON, PRIVATE, True),
    ("opened by the spider, asyncio", "async-process", ADDON, PRIVATE, True),
    ("opened, with the script's own reactor", "runner", {**ADDON, **PRIVATE}, {}, True),
)


@pytest.mark.parametrize(
    ("how", "project", "own", "connects"), [row[1:] for row in CRAWLS], ids=[row[0] for row in CRAWLS]
)
def test_a_name_on_this_machine_is_connected_to_only_when_opened(
    how: str, project: dict[str, Any], own: dict[str, Any], connects: bool
) -> None:
    with LoopbackWeb({"*": {"/": page("<p>Inside.</p>"), "/robots.txt": text("", status=404)}}) as web:
        project = {**project, "OPTOUT_PORTS": [web.port]}
        done = python("names.py", how, web.url("inside.example"), json.dumps(project), json.dumps(own))
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        if connects:
            assert rows == [{"came": web.url("inside.example")}], done.stderr
        else:
            assert rows == [{"failed": "Turned", "words": ["the name resolves to a private address"]}], (
                done.stderr
            )
            assert not web.requests


def test_two_crawls_that_need_two_guards_do_not_share_a_process() -> None:
    with LoopbackWeb({"*": {"/": page("<p>Inside.</p>"), "/robots.txt": text("", status=404)}}) as web:
        project = {**ADDON, "OPTOUT_PORTS": [web.port]}
        done = python("names.py", "two", web.url("inside.example"), json.dumps(project), json.dumps(PRIVATE))
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert any("two crawls of one process have one resolver" in row.get("refused", "") for row in rows)
        assert not web.requests
