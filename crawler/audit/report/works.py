"""The address of each work that is kept, as a table for whoever wants to look for theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from crawler.audit.report.cells import csv_bytes
from crawler.audit.report.census import domain_of
from crawler.corpus.disk import replacing
from crawler.corpus.items import Item

COLUMNS = ("url", "domain", "kind", "month", "licence", "sha256")
"""Its address, its registrable domain, ``text``, ``image``, ``pdf`` or ``epub``, the month in which it was
fetched (MM/YYYY), the licence it names, and the digest of its bytes."""

_CHUNK = 5000


def write_works(path: Path, items: Iterable[Item]) -> tuple[int, str]:
    """Write the table; returns how many works it names, and the SHA-256 of the file, hexadecimal."""
    digest, number = hashlib.sha256(), 0
    with replacing(path) as file:
        for rows, piece in _pieces(items):
            number += rows
            digest.update(piece)
            file.write(piece)
    return number, digest.hexdigest()


def _pieces(items: Iterable[Item]) -> Iterator[tuple[int, bytes]]:
    yield 0, csv_bytes([COLUMNS])
    source = iter(items)
    while chunk := list(islice(source, _CHUNK)):
        yield (
            len(chunk),
            csv_bytes(
                (
                    item.url,
                    domain_of(item.url),
                    item.kind.value,
                    f"{item.fetched_at:%m/%Y}",
                    item.note.licence,
                    item.sha256,
                )
                for item in chunk
            ),
        )
