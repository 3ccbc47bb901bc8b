"""A folder of WARC files: records go to its end, come back by file and offset, and can be walked in order."""

from __future__ import annotations

import errno
import os
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from crawler.corpus.disk import cut, replacing
from crawler.corpus.errors import Damaged
from crawler.corpus.member import Broken, Deflated, Torn, pack, pack_before, read_member, unpack
from crawler.corpus.segments import Place, Segments, files
from crawler.corpus.warc import Record, decode, info_record
from crawler.optout.model import Fault, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

SUFFIX = ".warc.gz"
FILE_LIMIT = 1_000_000_000
"""Bytes of one file, about what the standard's guidelines advise."""


def names(folder: Path) -> list[str]:
    """The WARC files of ``folder``, oldest first."""
    return files(folder, SUFFIX)


def read(folder: Path, file: str, offset: int) -> Record:
    """The record at ``offset``; raises ``Damaged`` unless it is there, whole and unchanged."""
    path = folder / file
    try:
        with path.open("rb") as opened:
            return _decoded(path, offset, read_member(opened, offset, _size(opened)))
    except (Torn, Broken, FileNotFoundError) as error:
        raise _damaged(path, offset, error) from error


def walk(folder: Path, file: str, start: int = 0) -> Iterator[tuple[Place, Record]]:
    """The records of ``file`` from offset ``start`` on, each checked.

    Ends quietly before a record that was not written to its end, if the file is the last of its folder: a
    writer is at work on it, or was stopped. Anything else that is not a whole record raises ``Damaged``.
    """
    path = folder / file
    with path.open("rb") as opened:
        size, offset = _size(opened), start
        while offset < size:
            try:
                member = read_member(opened, offset, size)
            except Torn as error:
                if size < (size := _size(opened)):
                    continue  # it is being written this very moment
                if file == names(folder)[-1]:
                    return
                raise _damaged(path, offset, error) from error
            except Broken as error:
                raise _damaged(path, offset, error) from error
            yield Place(file=file, offset=offset, length=len(member)), _decoded(path, offset, member)
            offset += len(member)


def repair(folder: Path, file: str, end: int) -> None:
    """Cut what follows ``end``, where the last whole record ends that :func:`walk` found; for the writer."""
    path = folder / file
    if path.stat().st_size > end:
        cut(path, end)


class Archive:
    """One folder of WARC files; of those that are ``writable`` there must be only one."""

    def __init__(
        self,
        folder: Path,
        *,
        writable: bool,
        info: Iterable[tuple[str, str]] = (),
        file_limit: int = FILE_LIMIT,
    ) -> None:
        """``info``: fields of the ``warcinfo`` record, such as software and operator.

        Every session begins a file of its own, so that this record is true of all that follows it.
        """
        self._writable = writable
        self.folder = folder
        self._info = tuple(info)
        self._segments = Segments(folder, SUFFIX, limit=file_limit, resume=False)

    @property
    def unsynced(self) -> int:
        """Compressed bytes that are not on disk yet."""
        return self._segments.unsynced

    def append(self, record: bytes, at: datetime) -> Place:
        """Buffer a record; ``at`` names the file if it begins one."""
        return self._append(pack(record), at)

    def append_prepared(self, begin: bytes, rest: Deflated, at: datetime) -> Place:
        """Buffer a record whose end was compressed beforehand; otherwise as :meth:`append`."""
        return self._append(pack_before(begin, rest), at)

    def _append(self, member: bytes, at: datetime) -> Place:
        if not self._writable:
            raise Fault(f"{self.folder} was opened for reading")
        if not self._segments.room(len(member)):
            stem = f"heedful-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            self._segments.append(pack(info_record(at, self._segments.begin(stem), self._info)))
        return self._segments.append(member)

    def read(self, file: str, offset: int) -> Record:
        """The record at ``offset``, buffered or on disk; raises ``Damaged``."""
        member = self._segments.buffered(file, offset)
        if member is not None:
            return _decoded(self.folder / file, offset, member)
        return read(self.folder, file, offset)

    def sync(self) -> None:
        """Write and fsync what is buffered. An ``OSError`` names the file and leaves the rest buffered."""
        self._segments.sync()

    def write(self) -> Callable[[], None]:
        """As :meth:`sync`, but what it returns has to be called afterwards; see :meth:`Segments.write`."""
        return partial(self._segments.written, self._segments.write())

    def rewrite(self, file: str, without: Iterable[Place], ready: Callable[[], None]) -> int:
        """Replace ``file`` by one without these records; the others stay byte for byte. Returns its new size.

        ``ready`` is called when the new file is complete and about to take the old one's place. After a crash
        the old file is there or the new one.
        """
        path = self.folder / file
        with path.open("rb") as old, replacing(path, ready=ready) as new:
            for start, end in _between(without, path.stat().st_size):
                _copy(old, new, start, end)
            size = new.tell()
        self._segments.rewritten(file, size)
        return size


def _size(opened: BinaryIO) -> int:
    return os.fstat(opened.fileno()).st_size


def _between(places: Iterable[Place], size: int) -> Iterator[tuple[int, int]]:
    start = 0
    for place in sorted(places, key=lambda place: place.offset):
        yield start, place.offset
        start = place.end
    yield start, size


def _copy(old: BinaryIO, new: BinaryIO, start: int, end: int) -> None:
    old.seek(start)
    while start < end:
        chunk = old.read(min(1 << 20, end - start))
        if not chunk:
            raise OSError(errno.EIO, "the file is shorter than it was")
        new.write(chunk)
        start += len(chunk)


def _decoded(path: Path, offset: int, member: bytes) -> Record:
    try:
        return decode(unpack(member))
    except (Broken, Malformed) as error:
        raise _damaged(path, offset, error) from error


def _damaged(path: Path, offset: int, error: Exception) -> Damaged:
    why = "the file ends inside it" if isinstance(error, Torn) else str(error)
    return Damaged(f"{path}: the record at byte {offset} is damaged ({why})")
