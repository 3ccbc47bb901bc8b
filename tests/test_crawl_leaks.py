"""One crawl over the whole leak suite: what must be kept is, nothing else is, and nothing else left a trace."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.corpus.corpus import Corpus
from crawler.demo.answer import Answer, Request, Responder
from crawler.demo.place import NOT_KEPT
from crawler.demo.server import LoopbackWeb
from crawler.middlewares import DRAIN
from crawler.optout.grammar.sniff import document, picture
from crawler.optout.model import Carrier, Outcome
from tests import crawls
from tests.webs import LEAKS, Leak, hosts_of
from tests.webs.leaks.detours import LARGE

EVERY_KIND = ("--kinds", "text,image,pdf,epub")

AT_HOST = frozenset({Carrier.ROBOTS_TXT, Carrier.HOST_FILE})

IMAGES_MET_EARLIER = frozenset({"met-later"})
"""Rows in which a free page shows the image before the reserving page is known."""

IMAGES_OF_THEIR_OWN = frozenset({"image-as-page"})
"""Rows whose image reserves itself, which only its own answer can tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawled:
    """What a crawl left: in its folder, and in the server's log."""

    ended: crawls.Ended
    folder: Path
    web: LoopbackWeb
    last: Mapping[str, dict[str, Any]]
    """The last decision on each ``host/path``, as ``log --json`` prints it."""
    items: Mapping[str, dict[str, Any]]
    """What ``items --json`` lists, by ``host/path``."""

    def asked(self, at: str) -> list[Request]:
        host, _, path = at.partition("/")
        return self.web.asked(host, "/" + path)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp("leaks") / "corpus"
    seeds = [seed for leak in LEAKS for seed in leak.seeds]
    with LoopbackWeb(hosts_of(LEAKS)) as web:
        ended = crawls.crawl(web, folder, seeds, *EVERY_KIND, timeout=150)
        log = crawls.heedful("log", str(folder), "--json").rows
        items = crawls.heedful("items", str(folder), "--json").rows
        assert len({item["url"] for item in items}) == len(items)
        yield Crawled(
            ended=ended,
            folder=folder,
            web=web,
            last={crawls.at(row["url"]): row for row in log},
            items={crawls.at(item["url"]): item for item in items},
        )


ROWS = [pytest.param(leak, at, id=at) for leak in LEAKS for at in leak.expectations]


def test_the_crawl_ends_by_itself(crawled: Crawled) -> None:
    assert crawled.ended.code == 0, crawled.ended.err
    assert "Traceback" not in crawled.ended.err


@pytest.mark.parametrize(("leak", "at"), ROWS)
def test_what_becomes_of_a_url(crawled: Crawled, leak: Leak, at: str) -> None:
    expect = leak.expectations[at]
    decision = crawled.last.get(at)
    assert (at in crawled.items) == expect.kept, leak.says
    if expect.outcome is None:
        assert decision is None or not decision["collect"]
        return
    assert decision is not None, f"{at} has no decision"
    assert decision["outcome"] == expect.outcome.value, leak.says
    assert decision["collect"] == expect.kept
    if expect.signal:
        assert expect.signal in {ground["signal"] for ground in decision["grounds"]}, leak.says


def test_nothing_leaked_and_nothing_was_dropped_for_no_reason(crawled: Crawled) -> None:
    wanted = {at: expect.kept for leak in LEAKS for at, expect in leak.expectations.items()}
    assert set(crawled.items) == {at for at, kept in wanted.items() if kept}


def test_every_kept_item_rests_on_its_decision(crawled: Crawled) -> None:
    with Corpus.read(crawled.folder) as corpus:
        entries = {entry.number: entry for entry in corpus.entries()}
        for item in corpus.store.items():
            decision = entries[item.entry].decision
            assert decision.collect
            assert decision.asset.url == item.url
            assert corpus.store.read(item).digest == item.sha256


# What was never asked for


def at_host(leak: Leak) -> bool:
    return leak.carrier in AT_HOST and not leak.page.kept and leak.page.outcome is not None


@pytest.mark.parametrize("leak", [pytest.param(leak, id=leak.name) for leak in LEAKS if at_host(leak)])
def test_what_its_host_reserves_is_never_requested(crawled: Crawled, leak: Leak) -> None:
    assert crawled.asked(leak.page_at) == []
    assert crawled.asked(leak.image_at) == []
    assert crawled.last[leak.page_at]["stage"] == "host"


def spread(leak: Leak) -> bool:
    read = leak.carrier is Carrier.HTML and leak.image.outcome is Outcome.RESERVED
    return read and leak.name not in IMAGES_OF_THEIR_OWN | IMAGES_MET_EARLIER


@pytest.mark.parametrize("leak", [pytest.param(leak, id=leak.name) for leak in LEAKS if spread(leak)])
def test_the_image_of_a_reserving_page_is_never_requested(crawled: Crawled, leak: Leak) -> None:
    assert crawled.asked(leak.image_at) == []
    assert crawled.last[leak.image_at]["via"] is not None


def test_what_an_image_met_early_left_is_removed(crawled: Crawled) -> None:
    at = "cdn-met-later.example/image.png"
    assert len(crawled.asked(at)) == 1
    gone = [entry for entry in removals(crawled.folder) if at in map(crawls.at, entry["urls"])]
    assert [entry["reason"] for entry in gone] == ["reserved: robots-meta"]


def removals(folder: Path) -> list[dict[str, Any]]:
    with Corpus.read(folder) as corpus:
        return [dict(entry.fields) for entry in corpus.entries() if entry.type == "removal"]


@pytest.mark.parametrize("host", ["large.example", "endless.example", "large-image.example"])
def test_a_large_body_is_not_transferred_once_its_headers_reserve_it(crawled: Crawled, host: str) -> None:
    assert crawled.web.sent[host] <= DRAIN < LARGE


def test_nothing_but_get_without_a_session(crawled: Crawled) -> None:
    assert {request.method for request in crawled.web.requests} == {"GET"}
    for request in crawled.web.requests:
        sent = {name for name, _ in request.headers}
        assert not sent & {"cookie", "authorization", "referer"}
        assert (request.value("user-agent") or "").startswith("heedful/")
        assert request.value("from") == crawls.CONTACT


# What left no trace


def bodies(leak: Leak, port: int) -> Iterator[tuple[str, bytes]]:
    """Every body of the row that must not be kept, by ``host/path``."""
    for host, paths in leak.hosts.items():
        for path, responder in paths.items():
            at = host + path
            expect = leak.expectations.get(at)
            if expect is not None and not expect.kept and isinstance(responder, Answer):
                yield at, bytes_of(responder, port)


def marks(body: bytes) -> list[bytes]:
    """Pieces of a body that nothing else contains: words of pages, pixels of images, whole files."""
    if picture(body) is not None or document(body) is not None:
        pixels = body.partition(b"IDAT")[2][:40]
        return [pixels, body] if pixels else [body]
    words = re.findall(rb'<(?:title|h1|p|figcaption)>([^<]{16,})<|alt="([^"]{16,})"', body)
    return [piece for pair in words for piece in pair if piece]


def bytes_of(responder: Responder, port: int) -> bytes:
    if not isinstance(responder, Answer):
        return b""
    body = responder.at_port(port).body
    assert isinstance(body, bytes)
    return body


def hunted(crawled: Crawled) -> dict[bytes, str]:
    """What may be nowhere, with where it was served; not the words that a decision quotes for its grounds."""
    port = crawled.web.port
    free = b"".join(
        bytes_of(responder, port)
        for leak in LEAKS
        for host, paths in leak.hosts.items()
        for path, responder in paths.items()
        if leak.expectations.get(host + path, NOT_KEPT).kept
    )
    found = {
        mark: at
        for leak in LEAKS
        for at, body in bodies(leak, port)
        for mark in marks(body)
        if mark not in free
    }
    for at, decision in crawled.last.items():
        for ground in decision["grounds"]:
            if found.get(quoted := ground["excerpt"].encode()) == at:
                del found[quoted]
    return found


def contents(path: Path) -> bytes:
    """A file's bytes as they are, and unpacked where it is compressed."""
    raw = path.read_bytes()
    unpacked = b""
    if raw.startswith(b"\x1f\x8b"):
        unpacked = gzip.decompress(raw)
        # A body is stored as it was decoded; should one ever be stored packed, it is looked into too.
        for start in (match.start() for match in re.finditer(rb"\x1f\x8b\x08", unpacked)):
            try:
                unpacked += zlib.decompressobj(31).decompress(unpacked[start:])
            except zlib.error:
                continue
    return raw + unpacked


def test_no_bytes_of_what_is_reserved_are_anywhere_in_the_folder(crawled: Crawled) -> None:
    wanted = hunted(crawled)
    assert len(wanted) > 300
    for path in sorted(crawled.folder.rglob("*")):
        if path.is_file():
            held = contents(path)
            found = {at for mark, at in wanted.items() if mark in held}
            assert not found, f"{path.relative_to(crawled.folder)} holds bytes of {sorted(found)}"


def test_the_hunt_finds_what_is_there(crawled: Crawled) -> None:
    archived = b"".join(contents(path) for path in (crawled.folder / "archive").iterdir())
    for leak in LEAKS:
        if leak.control and leak.page_at in crawled.items:
            responder = leak.hosts[leak.host]["/page"]
            assert all(mark in archived for mark in marks(bytes_of(responder, crawled.web.port))), leak.name


def test_messages_hold_nothing_of_what_is_reserved(crawled: Crawled) -> None:
    said = (crawled.ended.out + crawled.ended.err).encode()
    log = json.dumps(list(crawled.last.values())).encode()
    assert not [at for mark, at in hunted(crawled).items() if mark in said or mark in log]
