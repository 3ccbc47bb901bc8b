"""What one decision rests on, put together again from the readings that its ledger entry names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crawler.audit.entries import Entry
from crawler.corpus.evidence import answer_of, reading_of
from crawler.corpus.warc import safe_url
from crawler.optout.codec import time_from_text
from crawler.optout.host import origin_of, secured
from crawler.optout.model import Capture, Hop, HostFile, Malformed

REDIRECTS = frozenset({301, 302, 303, 307, 308})

KEPT_READINGS = 512
"""Readings held with what was parsed out of them; neighbouring entries mostly rest on the same few."""

Reading = Callable[[str], Capture | None]
"""Gives a reading by its digest; None: it is not there."""


class Missing(Exception):
    """Something that a decision rests on is not stored; in words."""


class Readings:
    """Readings as they were made: the stored bytes at the time of the entry that names them."""

    def __init__(self, read: Reading) -> None:
        self._read = read
        self._held: dict[tuple[str, str], Capture] = {}

    def of(self, row: Mapping[str, Any]) -> Capture:
        """The reading of one row of ``evidence``; raises :class:`Missing` or ``Malformed``."""
        digest, at = str(row.get("sha256")), str(row.get("at"))
        held = self._held.get((digest, at))
        if held is None:
            found = self._read(digest)
            if found is None:
                raise Missing(f"the reading {digest} is not stored")
            if len(self._held) >= KEPT_READINGS:
                self._held.clear()
            held = self._held[digest, at] = replace(found, at=time_from_text(at))
        return held


@dataclass(frozen=True, kw_only=True)
class Materials:
    """The readings behind one decision, told apart."""

    files: Mapping[str, Capture]
    """Site-level files of the asset's origin, by path."""
    secure: Mapping[str, Capture]
    """Those of the same host over https, of an asset at http; by path."""
    documents: Mapping[str, Capture]
    """Every other document that was read, by its URL as a record holds it."""
    hops: tuple[Hop, ...]
    """Redirects that led to the asset, and the one that led on from it."""
    answer: Capture | None
    """Status and headers of the answer; None: they are stored with the content, or not at all."""

    def document(self, url: str) -> Capture:
        """The document that was asked for at ``url``; raises :class:`Missing`."""
        found = self.documents.get(safe_url(url))
        if found is None:
            raise Missing(f"the document {url} is not stored")
        return found if found.url == url else replace(found, url=url)


def materials_of(entry: Entry, host_files: tuple[HostFile, ...], readings: Readings) -> Materials:
    """The materials of a decision; raises :class:`Missing` or ``Malformed``.

    An entry names, one after the other: the hops that led to its URL, the answer if its bytes were stored
    before, and the site-level files and documents, each after the hops that led to it.
    """
    url = str(entry.fields.get("url"))
    try:
        origin = origin_of(url)
    except ValueError as error:
        raise Malformed(f"url is none: {error}") from error
    paths = {safe_url(origin + file.path): file.path for file in host_files}
    beside = secured(origin)
    others = {safe_url(beside + file.path): file.path for file in host_files} if beside is not None else {}
    item = entry.fields.get("item")
    answered = item.get("answer") if isinstance(item, Mapping) else None
    files: dict[str, Capture] = {}
    secure: dict[str, Capture] = {}
    documents: dict[str, Capture] = {}
    own: list[Hop] = []
    answer: Capture | None = None
    hops: list[Hop] = []
    for row in _rows(entry):
        reading = readings.of(row)
        if _is_hop(reading):
            hops.append(Hop(url=reading.url, status=reading.status or 0, headers=reading.headers))
            continue
        first = next((n for n, hop in enumerate(hops) if hop.url == reading.url), len(hops))
        own += hops[:first]
        if hops[first:]:
            reading = replace(reading, hops=tuple(hops[first:]))
        hops = []
        if answer is None and row.get("sha256") == answered:
            answer = reading
        elif (path := paths.get(reading.url)) is not None and path not in files:
            files[path] = reading if reading.url == origin + path else replace(reading, url=origin + path)
        else:
            documents[reading.url] = reading
            if (path := others.get(reading.url)) is not None:
                secure.setdefault(path, replace(reading, url=f"{beside}{path}"))
    return Materials(files=files, secure=secure, documents=documents, hops=(*own, *hops), answer=answer)


def fits_answer(capture: Capture, entry: Entry) -> bool:
    """Whether status and headers are those that the entry says brought the content."""
    item = entry.fields.get("item")
    return isinstance(item, Mapping) and item.get("answer") == reading_of(answer_of(capture))


def _rows(entry: Entry) -> list[Mapping[str, Any]]:
    rows = entry.fields.get("evidence", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise Malformed("evidence is not a list of objects")
    return rows


def _is_hop(reading: Capture) -> bool:
    """Whether an answer sends elsewhere; what is read in its place has a row of its own."""
    return reading.status in REDIRECTS and bool(reading.values("location")) and not reading.body
