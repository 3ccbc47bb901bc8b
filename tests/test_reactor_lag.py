"""What is large or costly is read elsewhere, with the same result; and what fails there permits nothing."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import get_ident

import pytest

from crawler.aside import SMALL, aside, digested
from crawler.demo.answer import Answer, page
from crawler.demo.server import LoopbackWeb
from crawler.isolation.pool import Isolation
from crawler.isolation.weight import BRACES, EQUALS, INTRICATE, METADATA, PAGE, PICTURE, TAGS, is_costly
from crawler.optout import Gate, Policy
from crawler.optout.examined import examine
from crawler.optout.model import Asset, Capture, Context, Kind, Need, Preference, Signal
from crawler.optout.signals import SIGNALS
from tests import crawls
from tests.test_isolation import in_crawl, pause
from tests.vectors.assets.containers import bmp, jpeg
from tests.vectors.assets.make_assets import build

CONTEXT = Context(agents=("mybot",))
GATE = Gate(Policy(), CONTEXT)
SAYING = (
    b"<title>Large</title><meta name=author content=Ada><meta name=robots content='noai, nofollow'>"
    b"<link rel=license href=https://creativecommons.org/licenses/by/4.0/>"
    b"<a href=/p>p</a><img src=/i.png alt=i>"
    b'<script type="application/ld+json">{"@context":"https://schema.org","@type":"ImageObject",'
    b'"contentUrl":"/i.png","license":"https://creativecommons.org/publicdomain/zero/1.0/","name":"I"}</script>'
)
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00"

COSTLY: dict[str, tuple[Kind, Callable[[], bytes]]] = {
    "a long page": (Kind.TEXT, lambda: SAYING + b"<p>" + b"words " * (PAGE // 6)),
    "a page of tags": (Kind.TEXT, lambda: SAYING + b"<b>" * TAGS),
    "a page of attributes": (Kind.TEXT, lambda: SAYING + b"<p " + b"a=1 " * EQUALS + b">"),
    "a page of data": (Kind.TEXT, lambda: SAYING + b"<script type=application/ld+json>" + b"[" * BRACES),
    "a long picture": (Kind.IMAGE, lambda: bmp() + bytes(PICTURE)),
    "a long picture in pieces": (Kind.IMAGE, lambda: GIF + b"\x21\xfe" + b"\x01\x00" * INTRICATE),
    "a picture of markup": (Kind.IMAGE, lambda: jpeg() + b"<a/>" * 2 * METADATA),
    "a picture with packed metadata": (Kind.IMAGE, lambda: build("text-bomb.png")),
}


def capture_of(body: bytes) -> Capture:
    return Capture(
        url="https://h.example/d",
        status=200,
        at=datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC),
        headers=(("content-type", "text/html"),),
        body=body,
    )


def asset_of(kind: Kind) -> Asset:
    return Asset(url="https://h.example/d", kind=kind)


@pytest.fixture
def isolation() -> Iterator[Isolation]:
    isolation = Isolation(CONTEXT, GATE)
    yield isolation
    isolation.close()


@in_crawl
async def test_what_is_costly_goes_to_a_child_and_comes_back_the_same(isolation: Isolation) -> None:
    for count, (name, (kind, made)) in enumerate(COSTLY.items(), 1):
        body = made()
        found = await isolation.examine(capture_of(body), asset_of(kind))
        assert isolation.examined == count, name
        assert isolation.pids, name
        assert found == examine(GATE, capture_of(body), asset_of(kind)), name


@in_crawl
async def test_what_is_small_is_read_in_place(isolation: Isolation) -> None:
    found = await isolation.examine(capture_of(SAYING), asset_of(Kind.TEXT))
    assert isolation.pids == ()
    assert isolation.examined == 0
    assert found == examine(GATE, capture_of(SAYING), asset_of(Kind.TEXT))
    assert found.told is not None
    assert (found.told.title, found.follow) == ("Large", False)


def test_ordinary_pages_and_photographs_are_not_costly() -> None:
    article = SAYING + b'<p class="c">Words and words.</p>' * 900
    photograph = jpeg() + os.urandom(1_500_000)
    assert not is_costly(capture_of(article), Kind.TEXT)
    assert not is_costly(capture_of(photograph), Kind.IMAGE)


@in_crawl
async def test_a_child_that_dies_leaves_what_nobody_can_tell(isolation: Isolation) -> None:
    body = COSTLY["a long page"][1]()
    await isolation.examine(capture_of(body), asset_of(Kind.TEXT))
    (pid,) = isolation.pids
    os.kill(pid, signal.SIGSTOP)
    from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future

    working = deferred_from_coro(isolation.examine(capture_of(body), asset_of(Kind.TEXT)))
    await pause(0.2)
    os.kill(pid, signal.SIGKILL)
    found = await maybe_deferred_to_future(working)
    said = [one for one in found.heard if not isinstance(one, Need)]
    assert {one.signal for one in said} == set(_readers_of_pages())
    assert {one.preference for one in said} == {Preference.UNREADABLE}
    assert found.links is not None
    assert (found.links.pages, found.permitted, found.follow) == ((), {}, False)


def _readers_of_pages() -> list[str]:
    from crawler.optout.model import Carrier

    return [name for name, signal in SIGNALS.items() if Carrier.HTML in signal.readers]


@in_crawl
async def test_a_signal_of_somebodys_own_is_heard_where_it_is_known() -> None:
    own = Signal(name="own", title="", spec="", version="", readers={}, meanings=())
    isolation = Isolation(CONTEXT, Gate(Policy(), CONTEXT, {**SIGNALS, "own": own}))
    try:
        found = await isolation.examine(capture_of(COSTLY["a long page"][1]()), asset_of(Kind.TEXT))
        assert (isolation.examined, isolation.pids) == (0, ())
        assert found.heard
    finally:
        isolation.close()


@in_crawl
async def test_long_work_of_our_own_is_done_in_a_thread() -> None:
    assert await aside(get_ident) != get_ident()
    capture = capture_of(bytes(SMALL + 1))
    await digested(capture)
    assert capture.digest == sha256(bytes(SMALL + 1)).hexdigest()


def test_the_links_of_long_lists_and_long_rules_all_arrive(tmp_path: Path) -> None:
    """A robots.txt that is read in a thread, a sitemap in slices, a page in a child: nothing is lost."""
    rules = "User-agent: *\n" + "".join(f"Disallow: /no/{n}$\n" for n in range(2_000))
    many = "".join(f"<url><loc>http://a.example:PORT/no/{n}</loc></url>" for n in range(1_200))
    listed = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{many}</urlset>"
    links = "".join(f"<a href=/no/{n}>n</a>" for n in range(1_200, 1_900)) + "<b>" * TAGS
    table = {
        "/robots.txt": Answer(headers=(("Content-Type", "text/plain"),), body=rules.encode()),
        "/sitemap.xml": lambda _: Answer(
            headers=(("Content-Type", "application/xml"),), body=listed.replace("PORT", str(web.port)).encode()
        ),
        "/": page(links),
    }
    with LoopbackWeb({"a.example": table}) as web:
        sitemap = f"sitemap:http://a.example:{web.port}/sitemap.xml"
        ended = crawls.heedful(
            "crawl", sitemap, web.url("a.example", "/"), "-o", str(tmp_path / "corpus"),
            "--scope", "any", *crawls.options(web), timeout=120,
        )  # fmt: skip
        asked = {request.path for request in web.requests}
    assert ended.code == 0, ended.err
    decided = crawls.decided(tmp_path / "corpus")
    refused = [url for url, decision in decided.items() if decision.outcome.value == "reserved"]
    assert sorted(refused) == sorted(f"a.example/no/{n}" for n in range(1_900))
    assert not any(path.startswith("/no/") for path in asked)


FOREIGN = {
    "cp932": "日本語の文章です。",
    "euc_jp": "日本語の文章です。",
    "iso2022_jp": "日本語の文章です。",
    "gb18030": "中文的文字。",
    "big5": "中文的文字。",
    "cp949": "한국어 글입니다.",
    "hz": "中文的文字。",
    "koi8_r": "Русский текст.",
    "cp1251": "Русский текст.",
    "iso8859_2": "Český text.",
    "utf-16": "Text",
    "no-such": "Text",
}


@in_crawl
async def test_a_child_reads_what_is_written_in_any_encoding(isolation: Isolation) -> None:
    """Tables of letters are loaded when they are asked for, and a child can open nothing any more."""
    for encoding, words in FOREIGN.items():
        said = SAYING.decode().replace("Large", words)
        body = (said + f"<p>{words}</p>" * (PAGE // 10)).encode("ascii" if encoding == "no-such" else encoding)
        label = {"cp932": "shift_jis", "cp949": "euc-kr"}.get(encoding, encoding)
        capture = replace(capture_of(body), headers=(("content-type", f"text/html; charset={label}"),))
        found = await isolation.examine(capture, asset_of(Kind.TEXT))
        assert found.told is not None, encoding
        assert found.told.title == words, encoding
        assert found == examine(GATE, capture, asset_of(Kind.TEXT)), encoding
    assert isolation.examined == len(FOREIGN)


def test_large_content_is_written_in_a_thread_in_its_place_in_the_order(tmp_path: Path) -> None:
    """A disk that gives out in the middle of it loses nothing that was decided; the same command goes on."""
    noise = os.urandom(6 << 20)
    large = {
        f"/{n}.bmp": Answer(headers=(("Content-Type", "image/bmp"),), body=bmp() + noise + bytes([n]) * 9)
        for n in range(4)
    }
    shown = "".join(f"<img src={path}><a href=/p{n}>p</a>" for n, path in enumerate(large))
    table = {"/": page(shown), **{f"/p{n}": page(f"<p>Page {n}</p>") for n in range(4)}, **large}
    folder, room = tmp_path / "corpus", 15 << 20

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    with LoopbackWeb({"a.example": table, "b.example": table}) as web:
        seeds = ("a.example/", "b.example/")
        full = crawls.crawl(web, folder, seeds, timeout=60, preexec_fn=little_room)
        assert full.code == 3, full.err
        assert "archive" in full.err
        verified = crawls.heedful("verify", str(folder), timeout=60)
        assert verified.code == 0, verified.err + verified.out
        assert crawls.crawl(web, folder, seeds, timeout=60).code == 0
    assert crawls.stored(folder) == dict.fromkeys(
        (f"{host}{path}" for host in ("a.example", "b.example") for path in table), 1
    )
    verified = crawls.heedful("verify", "--replay", str(folder), timeout=60)
    assert verified.code == 0, verified.err + verified.out
