"""Small corpora for tests: decisions and captures that say what a test wants them to say."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.audit import ledger, merkle
from crawler.corpus import archive
from crawler.corpus.corpus import Corpus
from crawler.corpus.evidence import HOST_FILE, answer_of, reading_of
from crawler.corpus.items import Note
from crawler.corpus.journal import Journal
from crawler.corpus.manifest import Identity
from crawler.corpus.warc import capture_of
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Decision,
    Evidence,
    Hop,
    Kind,
    Outcome,
    Posture,
    Preference,
    Purpose,
    Reading,
    Stage,
    Statement,
)

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
IDENTITY = Identity(
    operator="Example",
    contact="bot@example.org",
    tokens=("heedful",),
    purposes=(Purpose.TDM,),
    posture=Posture.OPT_OUT,
    reading=Reading.STRICT,
    reason=None,
    policy="sha256:" + "0" * 64,
)
VERSIONS = {"heedful": "0.1.0", "python": "3.11", "scrapy": "2.19"}


def page(url="https://a.example/p", body=b"<p>words</p>", *, status=200, headers=None, seconds=0, **more):
    """A capture of a page."""
    headers = (("content-type", "text/html; charset=utf-8"), ("etag", '"1"')) if headers is None else headers
    at = NOON + timedelta(seconds=seconds)
    return Capture(url=url, status=status, at=at, headers=headers, body=body, **more)


def robots(host="a.example", body=b"User-agent: *\nAllow: /\n", *, status=200, seconds=0, **more):
    """A capture of a robots.txt."""
    headers = (("content-type", "text/plain"), ("date", f"Sun, 22 Nov 2026 12:00:{seconds:02} GMT"))
    return page(f"https://{host}/robots.txt", body, status=status, headers=headers, seconds=seconds, **more)


def statement(signal="tdmrep", url="https://a.example/p"):
    """A reservation."""
    return Statement(
        signal=signal,
        purpose=Purpose.TDM,
        preference=Preference.DISALLOW,
        basis=Basis.STATED,
        evidence=Evidence(
            source=url,
            carrier=Carrier.HEADER,
            locator="tdm-reservation[0]",
            excerpt="1",
            sha256="0" * 64,
            at=NOON,
        ),
    )


def decision(url="https://a.example/p", outcome=Outcome.UNRESERVED, *, stage=Stage.CONTENT, kind=Kind.TEXT):
    """A decision; anything but an open outcome rests on one reservation."""
    grounds = () if outcome in (Outcome.UNRESERVED, Outcome.LICENSED) else (statement(url=url),)
    return Decision(
        asset=Asset(url=url, kind=kind, via="https://a.example/" if kind is Kind.IMAGE else None),
        stage=stage,
        outcome=outcome,
        grounds=grounds,
        heard=grounds,
        asked=(),
        needs=(),
        purposes=(Purpose.TDM,),
        posture=Posture.OPT_OUT,
        reading=Reading.STRICT,
        policy=IDENTITY.policy,
        at=NOON,
        licence="CC0-1.0" if outcome is Outcome.LICENSED else None,
    )


RESERVED = Outcome.RESERVED


class Done:
    """A frontier of which only the end is left: a file with one URL a line, fsynced."""

    def __init__(self, path: Path):
        self.path = path

    def complete_many(self, batch):
        with self.path.open("a") as file:
            file.writelines(f"{url}\n" for url in batch)
            file.flush()
            os.fsync(file.fileno())
        return len(batch)


def opened(path: Path, **more) -> Corpus:
    """The corpus at ``path`` for writing."""
    return Corpus.open(path, IDENTITY, versions=VERSIONS, at=NOON, **more)


def journal(corpus: Corpus, **more) -> Journal:
    """Its journal, with a frontier beside the corpus."""
    return Journal(corpus, Done(corpus.folder.frontier), run="r1", **more)


def fill(corpus: Corpus, count: int = 12, *, start: int = 0, body: int = 600, each: int = 4) -> None:
    """``count`` endings: every third is reserved, the others are kept, each host's robots.txt is evidence."""
    book = journal(corpus)
    for number in range(start, start + count):
        host = f"h{number % 5}.example"
        url = f"https://{host}/{number}"
        words = (f"<title>{number}</title>" + f"{number} words " * (body // 8)).encode()
        capture = page(url, words, seconds=number % 50, hops=(Hop(url=url + "/from", status=301, headers=()),))
        outcome = RESERVED if number % 3 == 2 else Outcome.UNRESERVED
        evidence = [(robots(host, f"# {host}\n".encode()), HOST_FILE)]
        book.record(
            decision(url, outcome),
            capture,
            note=Note(title=f"Title {number}"),
            evidence=evidence,
            completion=url,
        )
        if number % each == each - 1:
            book.flush()
    book.flush()


@dataclass(frozen=True)
class Files:
    """What the files of a folder hold, read without any index."""

    entries: dict[int, ledger.Entry]
    readings: dict[str, Capture]
    kept: list[tuple[str, str]]
    """URL and digest of every record of the archive."""


def check_files(path: Path) -> Files:
    """Raise unless ledger, evidence and archive keep what a corpus promises."""
    entries = {entry.number: entry for entry in ledger.entries(path / "ledger")}
    assert list(entries) == list(range(1, len(entries) + 1))
    readings, kept = {}, []
    for name in archive.names(path / "evidence"):
        for _, record in archive.walk(path / "evidence", name):
            if record.get("WARC-Type") != "warcinfo":
                readings[record.need("Heedful-Reading").removeprefix("sha256:")] = capture_of(record)
    for name in archive.names(path / "archive"):
        for _, record in archive.walk(path / "archive", name):
            if record.get("WARC-Type") != "warcinfo":
                entry = entries[int(record.need("Heedful-Entry"))]
                capture = capture_of(record)
                assert entry.decision.collect, "content without a decision to collect it"
                assert entry.fields["url"] == capture.url
                answer = reading_of(answer_of(capture))
                said = {"sha256": capture.digest, "bytes": len(capture.body), "answer": answer}
                assert entry.fields["item"] == said
                kept.append((capture.url, capture.digest))
    for entry in entries.values():
        for reading in entry.fields.get("evidence", ()):
            assert reading["sha256"] in readings, "a decision without its evidence"
    return Files(entries, readings, kept)


def check_tree(folder: Path) -> None:
    """Raise unless the tree over the ledger in ``folder`` is what its checkpoints were signed over."""
    roots = {one.checkpoint.size: one.checkpoint.root for one in ledger.checkpoints(folder)}
    frontier = merkle.Frontier()
    for leaf in ledger.leaves(folder):
        frontier.append(leaf.hash)
        if leaf.number in roots:
            assert roots.pop(leaf.number) == frontier.root, f"checkpoint over {leaf.number} entries"
    assert not roots, "a checkpoint over more entries than there are"


def check_laws(path: Path) -> dict[str, int]:
    """Raise unless the folder, read without any index, keeps what a corpus promises; counts by layer."""
    files = check_files(path)
    entries, kept = files.entries, set(files.kept)
    done = (path / "frontier.db").read_text().splitlines() if (path / "frontier.db").exists() else []
    decided = {url: entry for entry in entries.values() for url in entry.urls}
    removed = {entry.fields["sha256"] for entry in entries.values() if entry.type == "removal"}
    for url in done:
        assert url in decided, "a URL done without a decision"
        fields = decided[url].fields
        if fields.get("collect") and fields["item"]["sha256"] not in removed:
            assert (url, fields["item"]["sha256"]) in kept, "a URL done without its content"
    return {"entries": len(entries), "kept": len(kept), "readings": len(files.readings), "done": len(done)}


def tables(path: Path) -> dict[str, list]:
    """Everything an index holds."""
    database = sqlite3.connect(path)
    names = ("file", "reach", "block", "mention", "tombstone", "withdrawal", "mark", "reading", "item")
    rows = {name: sorted(database.execute(f"SELECT * FROM {name}")) for name in names}
    database.close()
    return rows
