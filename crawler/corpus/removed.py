"""``removed.jsonl``: what was removed, for those who hold copies of it.

::

    line = canonical JSON object LF
    {"at": "2026-11-22T10:00:00Z",        when it was removed
     "removal": 42,                       the ledger entry of the removal
     "sha256": "…",                       digest of the content
     "url_sha256": "…",                   digest of the URL as the ledger writes it, in UTF-8
     "withdrawal": 41}                    the entry of the request; null: there was none, a signal reserves
                                          it, or a recheck could not ask about it for too long

One line for each URL of each removal, in the order of the ledger, which is all that it is made from: whoever
has the one can check the other. A URL is given by its digest, so that the list can be handed to anybody. It
only grows; a list that is missing, or was not written to its end, is made again.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import msgspec

from crawler.audit import ledger
from crawler.audit.entries import REMOVAL, format_entry
from crawler.corpus.disk import TEMPORARY, append_at, replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from crawler.audit.entries import Entry

FILE = "removed.jsonl"
_TAIL = 4096
"""Bytes; longer than any line."""


def lines_of(fields: Mapping[str, Any]) -> Iterator[bytes]:
    """The lines of the ledger entry of a removal, each with its LF."""
    for url in fields["urls"]:
        yield format_entry(
            {
                "at": fields["at"],
                "removal": fields["entry"],
                "sha256": fields["sha256"],
                "url_sha256": hashlib.sha256(url.encode("utf-8", "replace")).hexdigest(),
                "withdrawal": fields.get("withdrawal"),
            }
        )


def lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The whole list, from the entries of the ledger."""
    for entry in entries:
        if entry.type == REMOVAL:
            yield from lines_of(entry.fields)


class Removed:
    """The list of one corpus, for its writer."""

    def __init__(self, path: Path, ledger: Path) -> None:
        """``ledger``: the folder that the list is made from."""
        self._path = path
        self._ledger = ledger

    def append(self, removals: Iterable[Mapping[str, Any]]) -> None:
        """Add these removals, whose entries are on disk. An ``OSError`` names the file, which is as it was."""
        data = b"".join(line for fields in removals for line in lines_of(fields))
        if not data:
            return
        append_at(self._path, self._path.stat().st_size if self._path.exists() else 0, data)

    def mend(self, last: tuple[int, int] | None) -> None:
        """Make the list again unless it ends with the last line of the last removal.

        ``last``: number of that removal and the first 64 bits of its last URL's digest, signed; None: there
        was none.
        """
        self._path.with_name(self._path.name + TEMPORARY).unlink(missing_ok=True)
        if last is None or self._ends_with(*last):
            return
        with replacing(self._path) as file:
            file.writelines(lines(ledger.entries(self._ledger)))

    def _ends_with(self, removal: int, url: int) -> bool:
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                tail = file.read()
        except FileNotFoundError:
            return False
        whole, _, torn = tail.rpartition(b"\n")
        if torn:
            return False
        try:
            said = msgspec.json.decode(whole.rpartition(b"\n")[2], type=dict[str, Any])
            digest = bytes.fromhex(said["url_sha256"])
            found = int(said["removal"]), int.from_bytes(digest[:8], signed=True)
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError):
            return False
        return found == (removal, url) or found[0] > removal  # more: that entry was erased since
