"""PDFs and EPUBs: told by their bytes, kept when they are asked for and free, and left otherwise."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.demo.server import LoopbackWeb, page, redirect, typed
from crawler.kinds import kind_of_content, kind_of_url
from crawler.optout.model import Capture, Kind
from tests import projects
from tests.crawls import crawl, decided, heedful, options, stored
from tests.vectors.assets.make_assets import build

HOST, OTHER = "library.example", "elsewhere.example"
EVERY = ("--kinds", "text,image,pdf,epub")
PDF, EPUB, UNTYPED = "application/pdf", "application/epub+zip", "application/octet-stream"

# path → (claimed type, fixture, kind, outcome)
DOCUMENTS: dict[str, tuple[str, str, str, str]] = {
    "/free.pdf": (PDF, "free.pdf", "pdf", "unreserved"),
    "/owner.pdf": (PDF, "owner-password.pdf", "pdf", "unreserved"),
    "/untyped": (UNTYPED, "free.pdf", "pdf", "unreserved"),
    "/free.epub": (EPUB, "free.epub", "epub", "unreserved"),
    "/untyped-book": (UNTYPED, "free.epub", "epub", "unreserved"),
    "/said.pdf": (PDF, "tdm-1-compressed.pdf", "pdf", "reserved"),
    "/said-owner.pdf": (PDF, "tdm-1-owner-password.pdf", "pdf", "reserved"),
    "/untyped-said": (UNTYPED, "tdm-1.pdf", "pdf", "reserved"),
    "/called-a-page": ("text/html", "tdm-1.pdf", "pdf", "reserved"),
    "/password.pdf": (PDF, "password.pdf", "pdf", "reserved"),
    "/no-extraction.pdf": (PDF, "no-extraction.pdf", "pdf", "reserved"),
    "/said.epub": (EPUB, "tdm-1.epub", "epub", "reserved"),
    "/said-zipped.epub": (EPUB, "tdm-1-version-2.epub", "epub", "reserved"),
    "/drm.epub": (EPUB, "lcp.epub", "epub", "reserved"),
    "/cut.pdf": (PDF, "cut.pdf", "pdf", "undetermined"),
    "/bomb.pdf": (PDF, "flate-bomb.pdf", "pdf", "undetermined"),
    "/slow.pdf": (PDF, "xref-of-a-million.pdf", "pdf", "undetermined"),
    "/bomb.epub": (EPUB, "zip-bomb.epub", "epub", "undetermined"),
}
FREE = {path for path, (_, _, _, outcome) in DOCUMENTS.items() if outcome == "unreserved"}

LINKS = "".join(f'<a href="{path}">d</a>' for path in (*DOCUMENTS, "/not.pdf", "/moved.pdf"))
WEB = {
    HOST: {
        "/": page(f"<title>Library</title>{LINKS}<a href='http://{OTHER}:{{port}}/far.pdf'>far</a>"),
        "/not.pdf": typed(PDF, b"<html><body>Please log in.</body></html>"),
        "/moved.pdf": redirect("/free.pdf"),
        **{path: typed(claimed, build(asset)) for path, (claimed, asset, _, _) in DOCUMENTS.items()},
    },
    OTHER: {"/far.pdf": typed(PDF, build("free.pdf"))},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crawl that asks for documents."""
    place = tmp_path_factory.mktemp("documents") / "corpus"
    with LoopbackWeb(WEB) as web:
        ended = crawl(web, place, [f"{HOST}/"], *EVERY, "--scope", "host", timeout=110)
    assert ended.code == 0, ended.err
    return place


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_ends_as_it_says(folder: Path, path: str) -> None:
    _, _, kind, outcome = DOCUMENTS[path]
    decision = decided(folder)[HOST + path]
    assert (decision.asset.kind.value, decision.outcome.value) == (kind, outcome)
    assert stored(folder)[HOST + path] == (path in FREE)


def test_nothing_but_the_free_ones_is_kept(folder: Path) -> None:
    assert set(stored(folder)) == {f"{HOST}/", *(HOST + path for path in FREE)}


def test_a_page_called_a_document_is_neither(folder: Path) -> None:
    (ground,) = decided(folder)[HOST + "/not.pdf"].grounds
    assert (ground.evidence.locator, ground.evidence.excerpt) == ("type", PDF)


def test_a_document_out_of_scope_is_not_asked_for(folder: Path) -> None:
    (ground,) = decided(folder)[OTHER + "/far.pdf"].grounds
    assert ground.evidence.locator == "scope"


def test_kept_documents_say_what_they_are(folder: Path) -> None:
    rows = {row["url"].rpartition("/")[2]: row for row in heedful("items", str(folder), "--json").rows}
    found = {
        name: tuple(rows[name][key] for key in ("kind", "media_type", "title", "author"))
        for name in ("free.pdf", "untyped", "free.epub")
    }
    assert found == {
        "free.pdf": ("pdf", PDF, "A free document", "Ada Writer"),
        "untyped": ("pdf", PDF, "A free document", "Ada Writer"),
        "free.epub": ("epub", EPUB, "A free book", "Ada Writer"),
    }


def test_none_is_kept_unless_it_is_asked_for(tmp_path: Path) -> None:
    with LoopbackWeb(WEB) as web:
        ended = crawl(web, tmp_path / "corpus", [f"{HOST}/"], "--scope", "host")
    assert ended.code == 0, ended.err
    assert set(stored(tmp_path / "corpus")) == {f"{HOST}/"}
    decisions = decided(tmp_path / "corpus")
    for path in DOCUMENTS:
        (ground,) = decisions[HOST + path].grounds
        assert ground.evidence.locator == "type"


def test_documents_alone_can_be_asked_for(tmp_path: Path) -> None:
    with LoopbackWeb(WEB) as web:
        seeds = [f"{HOST}/free.pdf", f"{HOST}/said.epub", f"{HOST}/free.epub"]
        ended = crawl(web, tmp_path / "corpus", seeds, "--kinds", "pdf")
    assert ended.code == 0, ended.err
    assert set(stored(tmp_path / "corpus")) == {f"{HOST}/free.pdf"}


def test_a_single_document_can_be_asked_about() -> None:
    with LoopbackWeb(WEB) as web:
        urls = [web.url(HOST, path) for path in ("/said.pdf", "/free.epub", "/slow.pdf")]
        ended = heedful("check", *urls, "--json", *EVERY, *options(web))
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [row["outcome"] for row in rows] == ["reserved", "unreserved", "undetermined"]
    assert [row["kind"] for row in rows] == ["pdf", "epub", "pdf"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a.pdf", Kind.PDF),
        ("/A.PDF?x=1.png", Kind.PDF),
        ("/b.epub", Kind.EPUB),
        ("/pdf", Kind.TEXT),
        ("/a.pdf/", Kind.TEXT),
        ("/a.pdf.html", Kind.TEXT),
    ],
)
def test_what_a_url_is_expected_to_be(path: str, kind: Kind) -> None:
    assert kind_of_url("https://h.example" + path) is kind


ALL = frozenset(Kind)


@pytest.mark.parametrize(
    ("claimed", "body", "only", "kind"),
    [
        (PDF, "free.pdf", ALL, Kind.PDF),
        ("text/plain", "free.pdf", ALL, Kind.PDF),
        ("image/png", "free.pdf", ALL, Kind.PDF),
        (UNTYPED, "free.pdf", {Kind.TEXT, Kind.IMAGE}, None),
        (PDF, "free.epub", ALL, Kind.EPUB),
        (EPUB, "free.epub", {Kind.PDF}, None),
        ("application/zip", "free.epub", ALL, Kind.EPUB),
        (EPUB, "no-container.epub", ALL, Kind.EPUB),
        (EPUB, b"PK\x03\x04 an archive", ALL, Kind.EPUB),
        (EPUB, b"<p>words", ALL, None),
        (PDF, b"<p>words", ALL, None),
        (PDF, b"<p>words", (), Kind.TEXT),
        ("application/zip", b"PK\x03\x04 an archive", ALL, None),
    ],
)
def test_what_bytes_make_of_an_asset(
    claimed: str, body: str | bytes, only: frozenset[Kind], kind: Kind | None
) -> None:
    content = build(body) if isinstance(body, str) else body
    capture = Capture(
        url="https://h.example/d",
        status=200,
        at=datetime(2026, 11, 22, tzinfo=UTC),
        headers=(("content-type", claimed),),
        body=content,
    )
    assert kind_of_content(capture, Kind.TEXT, only) is kind


def test_the_gate_hears_documents_in_somebody_elses_project(tmp_path: Path) -> None:
    paths = ("/free.pdf", "/said-owner.pdf", "/untyped-said", "/drm.epub", "/free.epub", "/slow.pdf")
    with LoopbackWeb(WEB) as web:
        rows = projects.ask(web, tmp_path, [{"name": path, "url": web.url(HOST, path)} for path in paths])
    found = {row["name"]: (row["what"], row["outcome"]) for row in rows if "name" in row}
    assert found == {
        "/free.pdf": ("came", "unreserved"),
        "/said-owner.pdf": ("failed", "reserved"),
        "/untyped-said": ("failed", "reserved"),
        "/drm.epub": ("failed", "reserved"),
        "/free.epub": ("came", "unreserved"),
        "/slow.pdf": ("failed", "undetermined"),
    }
