"""Corpora to verify: one that crawls made of a web that changes its mind, and one with blocks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from crawler.audit import checkpoints
from crawler.audit.checkpoint import Checkpoint
from crawler.audit.note import Signer, parse_signer
from crawler.cli import main
from crawler.demo.answer import Responder, in_turn, page, redirect, text, typed
from crawler.demo.server import LoopbackWeb
from tests import corpora, crawls
from tests.webs.row import picture

FRONT = """<!doctype html><title>Front</title><p>words</p>
<a href="/no">no</a> <a href="/closed">closed</a> <a href="/headers">headers</a> <a href="/gone">gone</a>
<a href="/moved">moved</a> <a href="/away">away</a> <a href="/licensed">licensed</a>
<a href="/changes">changes</a>
<a href="/untyped">an image that does not look like one</a> <a href="http://b.example:{port}/">b</a>
<a href="http://c.example:{port}/">c</a> <a href="/sent">sent</a>
<figure><img src="/free.png" alt="free"></figure>"""

RSL = """<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>
<permits type="usage">all</permits><payment type="free"/></license></content></rsl>"""


def table() -> dict[str, dict[str, Responder]]:
    """The web: every stage, every way for words to travel, and one page that reserves itself later."""
    return {
        "a.example": {
            "/robots.txt": redirect("/rules.txt"),
            "/rules.txt": text("User-agent: *\nDisallow: /closed\n"),
            "/": page(FRONT),
            "/no": page('<meta name="robots" content="noai"><p>no</p><img src="/its.png" alt="Its">'),
            "/closed": page("<p>closed</p>"),
            "/headers": page("<p>headers</p>", ("X-Robots-Tag", "index, noai")),
            "/gone": text("gone", status=410),
            "/moved": redirect("/target"),
            "/target": page("<p>the target</p>"),
            "/away": redirect("http://c.example/reserved"),
            "/sent": page("<p>sent</p>", ("X-Robots-Tag", "nofollow"), ("X-Odd", "a\tb  c")),
            "/licensed": page(
                "<p>licensed</p>", ("Link", '</licence.xml>; rel="license"; type="application/rsl+xml"')
            ),
            "/licence.xml": typed("application/rsl+xml", RSL),
            "/changes": in_turn(
                page("<p>it changes its mind</p>"), page('<meta name="robots" content="noai"><p>changed</p>')
            ),
            "/untyped": typed("image/png", picture("untyped")),
            "/free.png": typed("image/png", picture("free")),
            "/its.png": typed("image/png", picture("its")),
        },
        "b.example": {"/robots.txt": text("down", status=503), "/": page("<p>b</p>")},
        "c.example": {
            "/": page("<p>c</p>"),
            "/.well-known/tdmrep.json": typed("application/json", '[{"location": "/", "tdm-reservation": 1}]'),
        },
    }


def crawled(folder: Path, *, times: int = 2) -> Path:
    """A corpus in ``folder`` that so many crawls made; the second one removes a page that is reserved since."""
    with LoopbackWeb(table()) as web:
        for _ in range(times):
            ended = crawls.crawl(web, folder, ["a.example/"])
            assert ended.code == 0, ended.err
    return folder


SIGNER = Signer("verifying", bytes(range(32)))
STRANGER = Signer("verifying", bytes(range(1, 33)))


def blocked(folder: Path, count: int = 1100) -> Path:
    """A signed corpus with a full block and a tail, and an earlier checkpoint over most of it."""
    with corpora.opened(folder) as corpus:
        corpora.fill(corpus, count - 40, each=64, body=16)
        corpus.seal(SIGNER, corpora.NOON)
        corpora.fill(corpus, 40, start=count - 40, body=16)
        corpus.seal(SIGNER, corpora.NOON)
    return folder


def own_signer() -> Signer:
    """The key that crawls of this test session sign with."""
    from crawler.audit import keys

    return parse_signer(keys.default_place().read_text().strip())


def copied(folder: Path, to: Path) -> Path:
    """A copy of a corpus, to be tampered with."""
    if to.exists():
        shutil.rmtree(to)
    shutil.copytree(folder, to)
    return to


def verified(folder: Path, *more: str) -> Result:
    """``heedful verify``; raises for any exit code but its own."""
    result = CliRunner().invoke(main, ["verify", str(folder), *more])
    assert result.exit_code in (0, 2, 5), result.output
    assert "Traceback" not in result.output
    return result


def told(folder: Path, *more: str) -> dict[str, Any]:
    """What ``heedful verify --json`` says."""
    result = verified(folder, *more, "--json")
    assert result.exit_code in (0, 5), result.output
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["holds"] is (result.exit_code == 0)
    return report


def findings(folder: Path, *more: str) -> list[str]:
    """What does not hold, each as one line that names entry, file and what."""
    return [
        f"{row['entry']} {row['file']}@{row['offset']} {row['what']}" for row in told(folder, *more)["findings"]
    ]


def checkpoint_of(folder: Path) -> Checkpoint:
    """The latest checkpoint of a corpus."""
    return list(checkpoints.checkpoints(folder / "ledger"))[-1].checkpoint
