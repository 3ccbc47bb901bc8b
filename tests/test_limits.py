"""Bodies, headers and waits beyond the limits: where each ends, and that nothing of it is kept."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from crawler.demo.answer import Answer, page
from crawler.demo.server import LoopbackWeb
from tests import crawls
from tests.vectors.assets.containers import jpeg

HTML = ("Content-Type", "text/html")
JPEG = ("Content-Type", "image/jpeg")
PICTURE = jpeg()
CONFIG = """
[limits]
page = 200000
image = 300000
document = 400000
ratio = 20
header_lines = 50
header_bytes = 10000
seconds = 2
"""
TEXT = b"<p>" + bytes(range(97, 123)) * 10_000
REPEATED = b"<p>" + b"a" * 1_500_000
RESERVED = ("tdm-reservation", "1")

HOST = {
    "/": page("<p>Small.</p>"),
    "/just": Answer(headers=(HTML,), body=TEXT[:200_000]),
    "/announced": Answer(headers=(HTML,), body=TEXT[:200_001]),
    "/chunked": Answer(headers=(HTML,), body=TEXT, fault="endless-body"),
    "/reserved": Answer(headers=(HTML, RESERVED), body=TEXT),
    "/packed": Answer(headers=(HTML, ("Content-Encoding", "gzip")), body=gzip.compress(TEXT, mtime=0)),
    "/brotli": Answer(headers=(HTML, ("Content-Encoding", "br")), body=brotli.compress(TEXT)),
    "/packed-reserved": Answer(
        headers=(HTML, RESERVED, ("Content-Encoding", "gzip")), body=gzip.compress(TEXT, mtime=0)
    ),
    "/cut": Answer(headers=(HTML, ("Content-Encoding", "br")), body=brotli.compress(TEXT[:90_000])[:-1]),
    "/zstd": Answer(headers=(HTML, ("Content-Encoding", "zstd")), body=b"(\xb5/\xfd\x00X\x00"),
    "/fine.jpg": Answer(headers=(JPEG,), body=PICTURE + bytes(250_000)),
    "/large.jpg": Answer(headers=(JPEG,), body=PICTURE + bytes(300_001)),
    "/sly.jpg": Answer(headers=(("Content-Type", "application/octet-stream"),), body=PICTURE + bytes(350_000)),
    "/lines": Answer(headers=(HTML, *((f"X-{n}", "v") for n in range(60))), body=b"<p>Hello."),
    "/octets": Answer(headers=(HTML, *((f"X-{n}", "v" * 2_000) for n in range(8))), body=b"<p>Hello."),
    "/drip": Answer(headers=(HTML,), body=b"<p>Hello." * 100, fault="drip"),
}

SKIPPED = ["/announced", "/chunked", "/packed", "/brotli", "/large.jpg", "/sly.jpg"]
UNDETERMINED = ["/cut", "/zstd", "/lines", "/octets", "/drip"]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("limits")
    (folder / "heedful.toml").write_text(CONFIG)
    hosts = {f"h{index}.example": {path: answer} for index, (path, answer) in enumerate(HOST.items())}
    with LoopbackWeb(hosts) as web:
        seeds = [f"h{index}.example{path}" for index, path in enumerate(HOST)]
        config = ("--config", str(folder / "heedful.toml"))
        ended = crawls.crawl(web, folder / "corpus", seeds, *config, timeout=120)
    assert ended.code == 0, ended.err
    return folder / "corpus"


def at(path: str) -> str:
    return f"h{list(HOST).index(path)}.example{path}"


@pytest.mark.parametrize("path", ["/", "/just", "/fine.jpg"])
def test_what_is_within_the_limits_is_kept(crawled: Path, path: str) -> None:
    assert crawls.decided(crawled)[at(path)].collect
    assert crawls.stored(crawled)[at(path)] == 1


@pytest.mark.parametrize("path", SKIPPED)
def test_what_is_larger_is_skipped_for_its_size(crawled: Path, path: str) -> None:
    decision = crawls.decided(crawled)[at(path)]
    assert decision.outcome.value == "skipped"
    assert [reason for reason, _ in crawls.reasons(crawled, at(path))] == ["size"]


@pytest.mark.parametrize("path", ["/reserved", "/packed-reserved"])
def test_what_the_headers_reserve_is_reserved_however_large(crawled: Path, path: str) -> None:
    assert crawls.decided(crawled)[at(path)].outcome.value == "reserved"


@pytest.mark.parametrize("path", UNDETERMINED)
def test_what_cannot_be_told_stays_undetermined(crawled: Path, path: str) -> None:
    assert crawls.decided(crawled)[at(path)].outcome.value == "undetermined"


@pytest.mark.parametrize("path", [*SKIPPED, *UNDETERMINED, "/reserved", "/packed-reserved"])
def test_nothing_of_it_is_kept(crawled: Path, path: str) -> None:
    assert at(path) not in crawls.stored(crawled)


def test_a_small_body_that_unpacks_to_many_times_its_size_is_no_page(tmp_path: Path) -> None:
    """Below the limit of pages, and far beyond the ratio: a bomb."""
    bomb = Answer(headers=(HTML, ("Content-Encoding", "gzip")), body=gzip.compress(REPEATED, mtime=0))
    plain = Answer(headers=(HTML,), body=REPEATED)
    with LoopbackWeb({"a.example": {"/": bomb}, "b.example": {"/": plain}}) as web:
        ended = crawls.crawl(web, tmp_path / "corpus", ["a.example/", "b.example/"])
    assert ended.code == 0, ended.err
    assert crawls.reasons(tmp_path / "corpus", "a.example/")[0][0] == "size"
    assert crawls.decided(tmp_path / "corpus")["b.example/"].collect


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("page = 0", "whole number of at least 1"),
        ("page = -1", "whole number of at least 1"),
        ("ratio = true", "whole number of at least 1"),
        ("image = '64 MiB'", "whole number of at least 1"),
        ("header_lines = 0", "whole number of at least 1"),
        ("seconds = 0", "more than 0"),
        ("pages = 1", "pages"),
    ],
)
def test_no_limit_can_be_switched_off(tmp_path: Path, written: str, words: str) -> None:
    (tmp_path / "heedful.toml").write_text(f"[limits]\n{written}\n")
    ended = crawls.heedful(
        "check", "https://a.example/", "--contact", crawls.CONTACT, "--config", str(tmp_path / "heedful.toml")
    )
    assert ended.code == 2
    assert words in ended.sentence
