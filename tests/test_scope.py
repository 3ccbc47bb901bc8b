"""Which pages a crawl may go on to."""

from __future__ import annotations

import pytest

from crawler.domains import host_of
from crawler.scope import REACHES, Reach, Scope

SEEDS = ("http://www.example.org/art/index.html?page=1", "http://alice.github.io/", "http://127.0.0.1:8080/a")

ROWS: tuple[tuple[str, dict[Reach, bool]], ...] = (
    ("http://www.example.org/art/index.html?page=1", {"host": True, "domain": True, "prefix": True}),
    ("http://www.example.org/art/", {"host": True, "domain": True, "prefix": True}),
    ("http://www.example.org/art/deep/er.html", {"host": True, "domain": True, "prefix": True}),
    ("http://www.example.org/artist/", {"host": True, "domain": True, "prefix": False}),
    ("http://www.example.org/", {"host": True, "domain": True, "prefix": False}),
    ("http://www.example.org:8080/art/", {"host": True, "domain": True, "prefix": False}),
    ("https://www.example.org/art/", {"host": True, "domain": True, "prefix": False}),
    ("http://WWW.EXAMPLE.ORG./art/", {"host": True, "domain": True, "prefix": False}),
    ("http://example.org/art/", {"host": False, "domain": True, "prefix": False}),
    ("http://shop.example.org/", {"host": False, "domain": True, "prefix": False}),
    ("http://example.org.evil.example/", {"host": False, "domain": False, "prefix": False}),
    ("http://evilexample.org/", {"host": False, "domain": False, "prefix": False}),
    ("http://alice.github.io/any/where", {"host": True, "domain": True, "prefix": True}),
    ("http://www.alice.github.io/", {"host": False, "domain": True, "prefix": False}),
    ("http://bob.github.io/", {"host": False, "domain": False, "prefix": False}),
    ("http://github.io/", {"host": False, "domain": False, "prefix": False}),
    ("http://127.0.0.1:8080/b", {"host": True, "domain": True, "prefix": True}),
    ("http://127.0.0.2:8080/", {"host": False, "domain": False, "prefix": False}),
)


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize(("url", "allowed"), ROWS, ids=[row[0] for row in ROWS])
def test_scope(reach: Reach, url: str, allowed: dict[Reach, bool]) -> None:
    assert Scope(reach, SEEDS).allows(url, host_of(url)) is (reach == "any" or allowed[reach])


@pytest.mark.parametrize("reach", REACHES)
def test_without_seeds_only_any_allows(reach: Reach) -> None:
    assert Scope(reach, ()).allows("http://a.example/", "a.example") is (reach == "any")


@pytest.mark.parametrize(
    ("seed", "url", "allowed"),
    [
        ("http://a.example", "http://a.example/x", True),
        ("http://a.example", "http://a.example.org/x", False),
        ("http://a.example/x", "http://a.example/y", True),
        ("http://a.example/x?to=http://b.example/", "http://a.example/y", True),
        ("http://a.example/x?to=/b/", "http://b.example/", False),
        ("http://a.example/x/", "http://a.example/x", False),
    ],
)
def test_a_prefix_is_the_folder_of_its_seed(seed: str, url: str, allowed: bool) -> None:
    assert Scope("prefix", [seed]).allows(url, host_of(url)) is allowed
