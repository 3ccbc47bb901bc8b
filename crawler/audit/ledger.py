"""The ledger: every decision, kept or not, and what was removed since. It only ever grows.

Reading needs no lock and may go on while a crawl writes. Writing is buffered until :meth:`Ledger.sync`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from crawler.audit.entries import Entry, Filter, format_entry, parse_entry
from crawler.corpus.disk import cut
from crawler.corpus.errors import Damaged
from crawler.corpus.segments import Place, Segments, files
from crawler.optout.codec import decision_to_dict, time_to_text
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from crawler.optout.model import Decision

SUFFIX = ".jsonl"
STEM = "decisions"
FILE_LIMIT = 256_000_000
"""Bytes of one file."""

Noted = Callable[[int, Place, Mapping[str, Any]], None]
"""Told of every entry that is appended: its number, its place, its fields."""


def names(folder: Path) -> list[str]:
    """The ledger's files, oldest first."""
    return files(folder, SUFFIX)


def walk(
    folder: Path, file: str, offset: int, number: int, wanted: Filter | None = None
) -> Generator[tuple[Place, Entry], None, int]:
    """The entries of one file from ``offset`` on, where entry ``number`` begins.

    Ends before a last line that has no LF yet; raises ``Damaged`` for a line that is no entry or not the next.
    ``wanted``: yield only these; lines that cannot match are then not looked into.
    Returns the number of the entry after the last.
    """
    path = folder / file
    with path.open("rb") as opened:
        opened.seek(offset)
        for line in opened:
            if not line.endswith(b"\n"):
                if file != names(folder)[-1]:
                    raise _damaged(path, offset, "the file ends inside it")
                break
            if wanted is None or wanted.might(line):
                try:
                    entry = parse_entry(line[:-1], number)
                except Malformed as error:
                    raise _damaged(path, offset, str(error)) from error
                if wanted is None or wanted.matches(entry):
                    yield Place(file=file, offset=offset, length=len(line)), entry
            offset += len(line)
            number += 1
    return number


def entries(folder: Path, wanted: Filter | None = None) -> Iterator[Entry]:
    """Every entry of the ledger in ``folder`` that is ``wanted``, oldest first; raises ``Damaged``."""
    for _, entry in _walk_all(folder, wanted):
        yield entry


def read(folder: Path, file: str, offset: int, number: int) -> Entry:
    """Entry ``number``, which begins at ``offset``; raises ``Damaged``."""
    for _, entry in walk(folder, file, offset, number):
        return entry
    raise _damaged(folder / file, offset, "the file ends before it")


class Ledger:
    """The writing end; there must be no other."""

    def __init__(self, folder: Path, *, file_limit: int = FILE_LIMIT, noted: Noted | None = None) -> None:
        """Opens the ledger and cuts a last line that was not written to its end, the trace of a crash.

        Raises ``Damaged`` where the end is anything else.
        """
        self.folder = folder
        self.count = _settle(folder)
        """Entries so far, buffered ones included."""
        self._noted = noted
        self._segments = Segments(folder, SUFFIX, limit=file_limit, resume=True)

    @property
    def unsynced(self) -> int:
        """Bytes that are not on disk yet."""
        return self._segments.unsynced

    def append(
        self,
        decision: Decision,
        *,
        run: str,
        item: Mapping[str, Any] | None = None,
        evidence: Iterable[Mapping[str, Any]] = (),
        reserved: Mapping[str, Any] | None = None,
        freed: Mapping[str, Any] | None = None,
    ) -> int:
        """Buffer a decision and return its entry number.

        ``item``: digest and size of what is kept because of it. ``evidence``: digest and time of the readings
        that were made for it. ``reserved``: marks of the bytes that it reserves. ``freed``: marks of
        those that its URL reserved before and does not any more.
        """
        fields = decision_to_dict(decision, compact=True)
        fields["run"] = run
        if item is not None:
            fields["item"] = dict(item)
        if rows := [dict(row) for row in evidence]:
            fields["evidence"] = rows
        if reserved is not None:
            fields["reserved"] = dict(reserved)
        if freed is not None:
            fields["freed"] = dict(freed)
        return self._append(fields)

    def append_other(self, kind: str, *, run: str, at: datetime, **fields: Any) -> int:
        """Buffer an entry that is no decision, such as a removal, and return its number."""
        return self._append({"type": kind, "run": run, "at": time_to_text(at), **fields})

    def sync(self) -> None:
        """Write and fsync what is buffered. An ``OSError`` names the file and leaves the rest buffered."""
        self._segments.sync()

    def _append(self, fields: dict[str, Any]) -> int:
        number = fields["entry"] = self.count + 1
        line = format_entry(fields)
        if not self._segments.room(len(line)):
            self._segments.begin(STEM)
        place = self._segments.append(line)
        self.count = number
        if self._noted is not None:
            self._noted(number, place, fields)
        return number


def _walk_all(folder: Path, wanted: Filter | None) -> Iterator[tuple[Place, Entry]]:
    number = 1
    for file in names(folder):
        number = yield from walk(folder, file, 0, number, wanted)


def _settle(folder: Path) -> int:
    """Cut what a crash left at the end, and say how many whole entries there are."""
    every = names(folder)
    for file in reversed(every):
        path = folder / file
        whole = path.stat().st_size
        tail = _last_line(path, whole)
        if not tail.endswith(b"\n"):
            whole -= len(tail)
            if tail:
                if file != every[-1] or not _cut_short(tail):
                    raise _damaged(path, whole, "it does not end where it should")
                cut(path, whole)
            tail = _last_line(path, whole) if whole else b""
        if tail:
            return _number(path, whole - len(tail), tail)
    return 0


def _last_line(path: Path, end: int) -> bytes:
    """What the first ``end`` bytes of the file end in: a line with its LF, or what follows the last LF."""
    data, start = b"", end
    with path.open("rb") as file:
        while start > 0 and b"\n" not in data[:-1]:
            end, start = start, max(0, start - 65536)
            file.seek(start)
            data = file.read(end - start) + data
    return data[data.rfind(b"\n", 0, -1) + 1 :]


def _cut_short(tail: bytes) -> bool:
    """Whether ``tail`` is the beginning of a line, or a whole one that only lacks its LF."""
    text = tail.decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return text.startswith("{")
    return end == len(text)


def _number(path: Path, offset: int, line: bytes) -> int:
    """The number of the entry in ``line``, whatever it is."""
    try:
        number = json.loads(line).get("entry")
        return parse_entry(line[:-1], number).number
    except (Malformed, ValueError, AttributeError, RecursionError) as error:
        raise _damaged(path, offset, str(error)) from error


def _damaged(path: Path, offset: int, why: str) -> Damaged:
    with path.open("rb") as file:
        line = 1 + file.read(offset).count(b"\n")
    return Damaged(f"{path}: line {line} (byte {offset}) is damaged ({why})")
