"""A full round with a web that changes its mind: collected, proved, reserved, asked about and taken out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.server import LoopbackWeb, Request, Responder, page, text, typed
from tests import crawls
from tests.webs.row import picture

SEEDS = ["a.example/", "b.example/"]
LATER: set[str] = set()
"""What the web says by now."""


def _robots(_: Request):
    rule = "/art" if "reserved" in LATER else "/private"
    return text(f"User-agent: *\nDisallow: {rule}\n")


def _shown(name: str) -> Responder:
    return page(f'<title>{name}</title><p>words of {name}</p><img src="/{name}.png" alt="{name}">')


WEB: dict[str, dict[str, Responder]] = {
    "a.example": {
        "/robots.txt": _robots,
        "/": page('<title>a</title><p>front</p><a href="/art">art</a> <a href="/essay">essay</a>'),
        "/art": _shown("art"),
        "/art.png": typed("image/png", picture("art")),
        "/essay": _shown("essay"),
        "/essay.png": typed("image/png", picture("essay")),
    },
    "b.example": {
        "/": page('<title>b</title><p>elsewhere</p><img src="/copy.png" alt="copy">'),
        "/copy.png": typed("image/png", picture("art")),
    },
}

RESERVED = {"a.example/art", "a.example/art.png", "b.example/copy.png"}
ASKED_FOR = {"a.example/essay", "a.example/essay.png"}
FREE = {"a.example/", "b.example/"}


@pytest.fixture
def web() -> Iterator[LoopbackWeb]:
    LATER.clear()
    with LoopbackWeb(WEB) as web:
        yield web


def verified(folder: Path, *more: str) -> None:
    """What was collected can be proved, offline."""
    ended = crawls.heedful("verify", str(folder), "--key", _key(folder), *more)
    assert ended.code == 0, ended.out + ended.err


def test_none_of_it_comes_back(web: LoopbackWeb, tmp_path: Path) -> None:
    folder, kept_aside = tmp_path / "corpus", tmp_path / "checkpoint"
    assert crawls.crawl(web, folder, SEEDS).code == 0
    assert set(crawls.stored(folder)) == RESERVED | ASKED_FOR | FREE
    verified(folder, "--replay")
    shutil.copy(folder / "ledger" / "checkpoint", kept_aside)

    # The site changes its mind.
    LATER.add("reserved")
    ended = crawls.heedful("recheck", str(folder), *crawls.options(web))
    assert ended.code == 1, ended.err
    assert set(crawls.stored(folder)) == ASKED_FOR | FREE
    verified(folder, "--replay", "--since", str(kept_aside))
    assert crawls.heedful("recheck", str(folder), *crawls.options(web), "--items").code == 0

    # Its owner asks what became of it, and gets a proof.
    art = web.url("a.example", "/art")
    told = crawls.heedful("lookup", str(folder), "a.example")
    assert told.code == 0, told.err
    assert art in told.out
    receipt = tmp_path / "receipt.json"
    proof = crawls.heedful("receipt", str(folder), art, "-o", str(receipt))
    assert proof.code == 0, proof.err
    ended = crawls.heedful("verify", "--receipt", str(receipt), "--key", _key(folder))
    assert ended.code == 0, ended.out + ended.err

    # And wants the rest taken out.
    essay = web.url("a.example", "/essay")
    ended = crawls.heedful("withdraw", str(folder), "--prefix", essay, "--reason", "asked by its author")
    assert ended.code == 0, ended.err
    ended = crawls.heedful("withdraw", str(folder), "--url", essay + ".png", "--reason", "asked by its author")
    assert ended.code == 0, ended.err
    assert set(crawls.stored(folder)) == FREE
    verified(folder, "--replay", "--since", str(kept_aside))

    # A later crawl of the same web, which reserves nothing any more, brings back what it reserved and nothing
    # that was withdrawn; while it reserves, it brings back neither.
    before = len(web.requests)
    assert crawls.crawl(web, folder, SEEDS).code == 0
    assert set(crawls.stored(folder)) == FREE
    asked = {(request.host, request.target) for request in web.requests[before:]}
    assert not asked & {("a.example", path) for path in ("/art", "/art.png", "/essay", "/essay.png")}
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not any(picture(name) in content for name in ("art", "essay"))
    crawls.check_folder(folder)
    verified(folder, "--replay", "--since", str(kept_aside))
    LATER.clear()
    assert crawls.crawl(web, folder, SEEDS).code == 0
    assert not ASKED_FOR & set(crawls.stored(folder))
    verified(folder, "--replay", "--since", str(kept_aside))


def _key(folder: Path) -> str:
    """The public key that the corpus names as its own."""
    return str(json.loads((folder / "heedful.json").read_text("utf-8"))["keys"][-1]["vkey"])
