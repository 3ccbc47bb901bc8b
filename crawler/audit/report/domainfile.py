"""The domain list as files: a CSV that any program reads, and a JSON file that says how it was made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from crawler.audit.printable import json_text
from crawler.audit.report.cells import Cell, csv_bytes
from crawler.audit.report.domainlist import Rule
from crawler.audit.report.model import DomainRow
from crawler.audit.report.page import share
from crawler.audit.report.sizes import tokens
from crawler.corpus.disk import replacing

COLUMNS: tuple[tuple[str, str], ...] = (
    ("domain", "registrable domain, or an IP address"),
    ("listed", "yes: the rule asks for it; no: below the cut-off, in the list of all domains alone"),
    ("text_rank", "rank among the domains with text; equal sizes have equal ranks; empty: no text is kept"),
    ("text_bytes", "UTF-8 bytes of the words of what is kept; empty: not measured"),
    ("text_stored_bytes", "bytes of pages and documents as they are stored"),
    ("image_rank", "rank among the domains with images; empty: no image is kept"),
    ("image_bytes", "bytes of the images that are kept"),
    ("pages", "pages and documents that are kept"),
    ("images", "images that are kept"),
    ("words", "words of what is kept; empty: not measured"),
    ("tokens_estimate", "text_bytes / 4, rounded up; empty: not measured"),
    ("considered", "URLs that were considered, kept or not"),
    (
        "reserved",
        "URLs that are reserved and never were kept, or were removed later: reserved then, or not to be "
        "asked about for too long",
    ),
    ("reserved_share", "these, of all that were considered"),
    ("undetermined", "URLs that were dropped because it could not be told whether they are reserved"),
    ("withdrawn", "URLs that were taken out on request"),
    ("first_month", "month of the first decision, MM/YYYY"),
    ("last_month", "month of the last decision, MM/YYYY"),
)
"""The columns and what stands in them."""

_CHUNK = 5000


def month(time: str) -> str:
    """``MM/YYYY`` of a time in RFC 3339."""
    return f"{time[5:7]}/{time[:4]}"


def dropped(row: DomainRow) -> int:
    """URLs that are reserved and never were kept, or were removed after they had been collected."""
    return row.count.reserved + row.count.removed


def cells(row: DomainRow, rule: Rule) -> tuple[Cell, ...]:
    """One line of the file."""
    return (
        row.domain,
        "yes" if rule.lists(row) else "no",
        rule.text.rank(rule.text_size(row)),
        row.text_bytes,
        row.count.bytes - row.image_bytes,
        rule.image.rank(row.image_bytes),
        row.image_bytes,
        row.texts,
        row.images,
        row.words,
        None if row.text_bytes is None else tokens(row.text_bytes),
        row.count.considered,
        dropped(row),
        share(dropped(row), row.count.considered),
        row.count.undetermined,
        row.count.withdrawn,
        month(row.first),
        month(row.last),
    )


def write_list(path: Path, rows: Iterable[DomainRow], rule: Rule) -> str:
    """Write rows as CSV; returns the SHA-256 of the file, hexadecimal. Memory does not grow with the rows."""
    digest = hashlib.sha256()
    with replacing(path) as file:
        for piece in _pieces(rows, rule):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def write_rule(path: Path, rule: Rule, suffix_list: str, files: dict[str, tuple[int, str]]) -> None:
    """Write what the lists (``files``: rows and digest by name) are, for programs."""
    told = {
        "rule": list(rule.words(suffix_list)),
        "share": 0.05 if rule.sme else 0.1,
        "limit": 1000 if rule.sme else None,
        "ranked_by": {
            "text": "UTF-8 bytes of the words kept"
            if rule.measured
            else "bytes as stored; words were not measured",
            "image": "bytes as stored",
        },
        "modalities": {
            name: {
                "domains": ranking.contributing,
                "to_be_listed": ranking.quota,
                "listed": ranking.listed,
                "smallest_listed_bytes": ranking.cutoff,
            }
            for name, ranking in (("text", rule.text), ("image", rule.image))
        },
        "domains_considered": rule.domains,
        "domains_with_something_kept": rule.contributing,
        "public_suffix_list": suffix_list,
        "columns": dict(COLUMNS),
        "files": {name: {"rows": count, "sha256": digest} for name, (count, digest) in files.items()},
    }
    with replacing(path) as file:
        file.write(json_text(told, indent=2).encode() + b"\n")


def _pieces(rows: Iterable[DomainRow], rule: Rule) -> Iterator[bytes]:
    yield csv_bytes([[name for name, _ in COLUMNS]])
    lines = (cells(row, rule) for row in rows)
    while chunk := list(islice(lines, _CHUNK)):
        yield csv_bytes(chunk)
