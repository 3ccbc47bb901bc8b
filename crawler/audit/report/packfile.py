"""A zip file that is written piece by piece and comes out the same for the same content.

Entries stand in the order of their names, each under one folder, all with the same time, so that two packs of
one state differ only in what says when they were made. The last entry holds the digests of all others, as
``sha256sum -c`` reads them.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING

from crawler.audit.report.cells import Cell, csv_bytes
from crawler.corpus.disk import replacing

if TYPE_CHECKING:
    from pathlib import Path

SUMS = "SHA256SUMS"
"""The entry with the digests."""
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can name
_LEVEL = 6
_FILE = 0o100644 << 16  # a regular file that everybody may read, as Unix writes it
_UNIX = 3
_PIECE = 1 << 18
_ROWS = 2000


class Sink:
    """Where one entry is written to; its digest grows with it."""

    def __init__(self, file: IO[bytes]) -> None:
        """``file``: the entry, opened."""
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Append ``data``."""
        self._digest.update(data)
        self._file.write(data)

    @property
    def sha256(self) -> str:
        """Digest of what was written, hexadecimal."""
        return self._digest.hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One file of a pack."""

    name: str
    """Its name below the pack's folder, with ``/``."""
    write: Callable[[Sink], None]
    """Writes it."""
    what: str
    """What it is, in plain words."""
    question: str = ""
    """The question that it answers."""
    check: str = ""
    """How it is checked against something else than itself."""


def write_zip(path: Path, folder: str, parts: Iterable[Part]) -> None:
    """Write all parts below ``folder``, and their digests. An ``OSError`` names ``path``; the old one stays."""
    with replacing(path) as file, zipfile.ZipFile(file, "w") as pack:
        sums = []
        for part in sorted(parts, key=lambda part: part.name):
            with _entry(pack, f"{folder}/{part.name}") as entry:
                sink = Sink(entry)
                part.write(sink)
            sums.append(f"{sink.sha256}  {part.name}\n")
        with _entry(pack, f"{folder}/{SUMS}") as entry:
            entry.write("".join(sums).encode())


def data(content: bytes) -> Callable[[Sink], None]:
    """Writes these bytes."""

    def write(sink: Sink) -> None:
        sink.write(content)

    return write


def copied(path: Path) -> Callable[[Sink], None]:
    """Writes what the file holds."""

    def write(sink: Sink) -> None:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                sink.write(piece)

    return write


def table(head: Iterable[Cell], rows: Callable[[], Iterator[tuple[Cell, ...]]]) -> Callable[[Sink], None]:
    """Writes a table as CSV, some rows at a time."""

    def write(sink: Sink) -> None:
        sink.write(csv_bytes([tuple(head)]))
        source = rows()
        while some := list(islice(source, _ROWS)):
            sink.write(csv_bytes(some))

    return write


def _entry(pack: zipfile.ZipFile, name: str) -> IO[bytes]:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, _FILE, _UNIX
    info._compresslevel = _LEVEL  # type: ignore[attr-defined]
    return pack.open(info, "w", force_zip64=True)
