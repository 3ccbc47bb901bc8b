"""The readings that decisions rest on: site-level files as they were served, their failures, redirect hops.

A reading is stored once however often it is made again; each making is a row in a ledger entry, with its time.
It is known by the digest of everything that could change its meaning: URL, status, headers, body, failure.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crawler.audit.entries import format_entry
from crawler.corpus.errors import CorpusError
from crawler.corpus.warc import capture_of, capture_record, clean, header_line, safe_url
from crawler.optout.model import Capture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.corpus.archive import Archive
    from crawler.corpus.index import Index

HOST_FILE, LICENCE, MANIFEST, HOP, ANSWER = "host-file", "licence", "manifest", "hop", "answer"
"""What a reading was made for."""

UNAUTHENTICATED = "host-file, unauthenticated"
"""The same, of a site-level file that came over http from a host that could not be asked over https: nobody can
tell whether it is the host's."""

CONTACT = "contact"
"""The same, of a file that says whom to write to; no decision rests on it."""

KNOWN = 20_000
"""Digests of readings that are held in memory; the index knows them all."""

VOLATILE = frozenset(
    [
        "age",
        "cf-cache-status",
        "cf-ray",
        "date",
        "expires",
        "nel",
        "report-to",
        "reporting-endpoints",
        "server-timing",
        "set-cookie",
        "via",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "x-amz-id-2",
        "x-amz-request-id",
        "x-cache",
        "x-cache-hits",
        "x-github-request-id",
        "x-request-id",
        "x-runtime",
        "x-served-by",
        "x-timer",
        "x-varnish",
    ]
)
"""Headers that differ from answer to answer and mean nothing to any signal; they do not make a new reading."""


def reading_of(capture: Capture) -> str:
    """The digest under which a capture is stored as evidence, hexadecimal."""
    return capture.parsed(_reading)


def hops_of(capture: Capture) -> Iterable[Capture]:
    """The redirects that led to a capture, each as a capture of headers only."""
    for hop in capture.hops:
        yield Capture(url=hop.url, status=hop.status, headers=hop.headers, at=capture.at)


def answer_of(capture: Capture) -> Capture:
    """Status and headers of a capture whose content is stored already, from an earlier answer."""
    return Capture(url=capture.url, status=capture.status, headers=capture.headers, at=capture.at)


class EvidenceStore:
    """The evidence of one corpus. What is added reaches the disk with :meth:`sync`."""

    def __init__(self, archive: Archive, index: Index) -> None:
        self._archive = archive
        self._index = index
        self._known: set[str] = set()  # the same few readings are named by every decision on a host

    @property
    def unsynced(self) -> int:
        """Compressed bytes that are not on disk yet."""
        return self._archive.unsynced

    def add(self, capture: Capture, source: str) -> str:
        """Store a capture, without its hops, unless it is known; returns the digest of the reading.

        ``source`` says what it was read for, such as :data:`HOST_FILE`. Any status and any failure is welcome.
        """
        digest = reading_of(capture)
        if digest in self._known:
            return digest
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known.add(digest)
        if self._index.reading(digest) is None:
            record = capture_record(
                capture, (("Heedful-Source", source), ("Heedful-Reading", f"sha256:{digest}"))
            )
            self._index.note_reading(self._archive.append(record, capture.at), digest, capture.digest)
        return digest

    def sync(self) -> None:
        """Write and fsync what is buffered. An ``OSError`` names the file and leaves the rest buffered."""
        self._archive.sync()

    def read(self, digest: str) -> Capture:
        """A reading as it was made the first time, without hops; raises ``CorpusError`` if it is not there."""
        found = self._index.reading(digest)
        if found is None:
            raise CorpusError(f"{self._archive.folder} holds no reading {digest}")
        return capture_of(self._archive.read(*found))

    def with_body(self, sha256: str) -> list[Capture]:
        """Every reading whose body has this digest, such as the file a statement's evidence names."""
        return [capture_of(self._archive.read(*found)) for found in self._index.readings_of(sha256)]


def _reading(capture: Capture) -> str:
    """Taken over what a record holds of it, so that the record tells it again."""
    headers = [header_line(*line) for line in capture.headers if line[0] not in VOLATILE]
    failure = None if capture.failure is None else clean(capture.failure)
    said = (safe_url(capture.url), capture.status, headers, capture.complete, failure, capture.digest)
    return hashlib.sha256(format_entry({"said": said})).hexdigest()
