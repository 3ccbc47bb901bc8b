"""From an item's place in the archive to its words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crawler.corpus import archive
from crawler.corpus.errors import Damaged
from crawler.corpus.items import Item
from crawler.corpus.warc import capture_of
from crawler.optout.model import Kind, Malformed
from crawler.text.model import How, Unread, Words
from crawler.text.reading import words_of

DAMAGED = Unread(reason="its record in the archive is damaged", damaged=True)
GONE = Unread(reason="its record in the archive cannot be opened", damaged=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an item's record is, and what it must hold."""

    file: str
    """The WARC file."""
    offset: int
    """Where in the file its record begins."""
    url: str
    """Its URL."""
    sha256: str
    """Digest of its content, hexadecimal."""
    kind: str
    """What it is: a :class:`~crawler.optout.model.Kind`'s value."""


def place_of(item: Item) -> Place:
    """Where an item's record is."""
    return Place(file=item.file, offset=item.offset, url=item.url, sha256=item.sha256, kind=item.kind.value)


def read_at(folder: Path, place: Place, how: How) -> Words | Unread:
    """The words of what is kept at ``place`` of the archive ``folder``."""
    try:
        capture = capture_of(archive.read(folder, place.file, place.offset))
    except (Damaged, Malformed):
        return DAMAGED
    except OSError:
        return GONE
    if (capture.url, capture.digest) != (place.url, place.sha256):
        return DAMAGED
    return words_of(capture, Kind(place.kind), how)
