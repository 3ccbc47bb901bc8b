"""Append-only files in one folder, numbered, rotated by size and written in groups.

Appending only buffers; :meth:`Segments.sync` writes and fsyncs, one file after the other, so that a crash can
tear nothing but the end of the last file. Where writing fails, what was written of the group is cut off again
and the buffer is kept: the same group can be written once there is room.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.corpus.disk import append_at

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where something was appended."""

    file: str
    """Name of the file in its folder."""
    offset: int
    """Bytes before it."""
    length: int
    """Its bytes."""

    @property
    def end(self) -> int:
        """Bytes of the file up to and with it."""
        return self.offset + self.length


@dataclass(slots=True)
class _Group:
    """What is still to be appended to one file."""

    file: str
    start: int
    chunks: dict[int, bytes] = field(default_factory=dict)


def serial_of(name: str) -> int:
    """The number in a file name; files of a folder are in its order."""
    found = re.search(r"-(\d{6,})\.", name)
    if found is None:
        raise ValueError(f"{name} has no serial number")
    return int(found[1])


def files(folder: Path, suffix: str) -> list[str]:
    """The names of a folder's files in the order of their serial numbers; none if there is no folder."""
    numbered = re.compile(r".*-\d{6,}" + re.escape(suffix))
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted((name for name in names if numbered.fullmatch(name)), key=serial_of)


class Segments:
    """The writing end of one folder of numbered files; there must be no other."""

    def __init__(self, folder: Path, suffix: str, *, limit: int, resume: bool) -> None:
        """``limit``: bytes of a file at most, unless its first piece is longer.

        ``resume``: go on with the last file there is; else the first piece begins a new one.
        """
        self.folder = folder
        self._suffix = suffix
        self.limit = limit
        """Bytes of a file at most, unless its first piece is longer."""
        names = files(folder, suffix)
        self._serial = serial_of(names[-1]) if names else 0
        self._file = names[-1] if names and resume else None
        self._end = (folder / names[-1]).stat().st_size if names and resume else 0
        self._groups: list[_Group] = []
        self.unsynced = 0
        """Bytes that are buffered and not on disk yet."""

    def room(self, length: int) -> bool:
        """Whether the current file can take that many bytes more."""
        return self._file is not None and self._end + length <= self.limit

    def begin(self, stem: str) -> str:
        """Let the next piece begin the file ``<stem>-<serial><suffix>``; returns its name."""
        self._serial += 1
        self._file, self._end = f"{stem}-{self._serial:06}{self._suffix}", 0
        return self._file

    def append(self, data: bytes) -> Place:
        """Buffer ``data`` for the end of the current file."""
        if self._file is None:
            raise ValueError("no file was begun")
        if not self._groups or self._groups[-1].file != self._file:
            self._groups.append(_Group(self._file, self._end))
        place = Place(file=self._file, offset=self._end, length=len(data))
        self._groups[-1].chunks[self._end] = data
        self._end = place.end
        self.unsynced += len(data)
        return place

    def buffered(self, file: str, offset: int) -> bytes | None:
        """The piece at ``offset`` if it is still buffered."""
        for group in self._groups:
            if group.file == file and offset in group.chunks:
                return group.chunks[offset]
        return None

    def sync(self) -> None:
        """Write and fsync what is buffered. An ``OSError`` names the file and leaves the rest buffered."""
        while self._groups:
            group = self._groups[0]
            append_at(self.folder / group.file, group.start, b"".join(group.chunks.values()))
            del self._groups[0]
            self.unsynced -= sum(map(len, group.chunks.values()))

    def write(self) -> int:
        """Write and fsync what is buffered, without taking note of it; how many groups that were.

        It may be called in a thread, while nothing is appended, synced or rewritten. :meth:`written` follows.
        """
        for group in self._groups:
            append_at(self.folder / group.file, group.start, b"".join(group.chunks.values()))
        return len(self._groups)

    def written(self, groups: int) -> None:
        """Take note that so many groups are on disk."""
        for group in self._groups[:groups]:
            self.unsynced -= sum(map(len, group.chunks.values()))
        del self._groups[:groups]

    def rewritten(self, file: str, size: int) -> None:
        """Take note that ``file`` was replaced and is ``size`` bytes long now."""
        if file == self._file:
            self._end = size
