"""The files that are written beside the shards, with their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from crawler.corpus.disk import TEMPORARY, naming, replacing
from crawler.export.made import MadeFile

PROVENANCE = "provenance"
"""The folder of what an export rests on."""


class Sink(Protocol):
    """Takes the bytes of a file."""

    def write(self, data: bytes, /) -> object:
        """Write on."""


class Written:
    """The files of one export that are not shards."""

    def __init__(self, folder: Path) -> None:
        """``folder``: the export's."""
        self.folder = folder
        """The export's."""
        self.files: dict[str, MadeFile] = {}
        """What was written so far, by its path within the export."""

    def sweep(self) -> None:
        """Delete what a crash left half written."""
        for place in (self.folder, self.folder / PROVENANCE, self.folder / PROVENANCE / "policies"):
            for path in place.glob(f"*{TEMPORARY}") if place.is_dir() else ():
                with naming(path):
                    path.unlink(missing_ok=True)

    def put(self, path: str, data: bytes) -> None:
        """Write a file. An ``OSError`` names it."""
        with self.putting(path) as file:
            file.write(data)

    @contextmanager
    def putting(self, path: str) -> Iterator[Sink]:
        """A file to be written inside; see :func:`~crawler.corpus.disk.replacing`."""
        place = self.folder / path
        with naming(place):
            place.parent.mkdir(parents=True, exist_ok=True)
        with replacing(place) as file:
            counted = _Counted(file)
            yield counted
        self.files[path] = MadeFile(path=path, sha256=counted.digest.hexdigest(), bytes=counted.bytes)

    def foretell(self, path: str, data: bytes) -> None:
        """A file that somebody else will write with these bytes."""
        self.files[path] = MadeFile(path=path, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))

    def keep_only(self, part: str) -> None:
        """Delete the files of a folder that were not written now, and the folders that are empty then."""
        place = self.folder / part
        for path in sorted(place.rglob("*"), reverse=True) if place.is_dir() else ():
            with naming(path):
                if path.is_dir():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path.relative_to(self.folder).as_posix() not in self.files:
                    path.unlink(missing_ok=True)


class _Counted:
    """A file that counts and digests what is written to it."""

    def __init__(self, file: Sink) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.bytes = 0

    def write(self, data: bytes, /) -> None:
        self._file.write(data)
        self.digest.update(data)
        self.bytes += len(data)
