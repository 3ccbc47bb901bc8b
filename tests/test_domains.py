"""Two views of one list of public suffixes: who shares a server, and who owns a site."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.domains import host_of, is_address, owner_domain, politeness_domain

ROWS = (
    # host, one connection for, one owner speaks for
    ("example.org", "example.org", "example.org"),
    ("www.example.org", "example.org", "example.org"),
    ("a.b.c.example.org", "example.org", "example.org"),
    ("example.co.uk", "example.co.uk", "example.co.uk"),
    ("www.example.co.uk", "example.co.uk", "example.co.uk"),
    ("alice.github.io", "github.io", "alice.github.io"),
    ("www.alice.github.io", "github.io", "alice.github.io"),
    ("github.io", "github.io", "github.io"),
    ("alice.blogspot.com", "blogspot.com", "alice.blogspot.com"),
    ("shop.s3.amazonaws.com", "amazonaws.com", "shop.s3.amazonaws.com"),
    ("www.ck", "www.ck", "www.ck"),
    ("a.b.ck", "a.b.ck", "a.b.ck"),
    ("city.kawasaki.jp", "city.kawasaki.jp", "city.kawasaki.jp"),
    ("xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"),
    ("a.example", "a.example", "a.example"),
    ("www.a.example", "a.example", "a.example"),
    ("x.y.unknown-suffix", "y.unknown-suffix", "y.unknown-suffix"),
    ("localhost", "localhost", "localhost"),
    ("com", "com", "com"),
    ("co.uk", "co.uk", "co.uk"),
    ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
    ("93.184.216.34", "93.184.216.34", "93.184.216.34"),
    ("2001:db8::1", "2001:db8::1", "2001:db8::1"),
    ("", "", ""),
)


@pytest.mark.parametrize(("host", "politeness", "owner"), ROWS, ids=[row[0] or "no host" for row in ROWS])
def test_domains(host: str, politeness: str, owner: str) -> None:
    assert politeness_domain(host) == politeness
    assert owner_domain(host) == owner


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Example.ORG/", "example.org"),
        ("http://example.org.:8080/a", "example.org"),
        ("http://user:pass@example.org/", "example.org"),
        ("http://[2001:DB8::1]:80/", "2001:db8::1"),
        ("http://127.0.0.1/", "127.0.0.1"),
        ("mailto:a@example.org", ""),
        ("/path", ""),
        ("", ""),
    ],
)
def test_host_of(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("[::1]", True),
        ("1.2.3", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_is_address(host: str, address: bool) -> None:
    assert is_address(host) is address


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@given(st.lists(LABEL, min_size=1, max_size=6).map(".".join))
def test_a_domain_is_the_end_of_its_host(host: str) -> None:
    politeness, owner = politeness_domain(host), owner_domain(host)
    assert host == politeness or host.endswith("." + politeness)
    assert owner == politeness or owner.endswith("." + politeness)  # an owner never shares less than a farm
    assert politeness_domain(politeness) == politeness
    assert owner_domain(owner) == owner


@given(st.text(max_size=30))
def test_junk_never_raises(host: str) -> None:
    politeness_domain(host)
    owner_domain(host)


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*args: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", connect)
    politeness_domain.cache_clear()
    owner_domain.cache_clear()
    assert politeness_domain("www.example.org") == "example.org"
    assert owner_domain("www.example.org") == "example.org"
