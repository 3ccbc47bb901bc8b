"""Words that wait until all texts were read, because only then it is known which are nearly the same.

::

    .heedful/words-NNNNN.zst  = zstd frame of lines
    first line                = JSON string: digest of what the window was read from
    every other line          = {"entry", "words", "unread"}, by entry; of the last two, one is null

A window's file is written when all of it was read, so an export that is interrupted reads no text twice.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from crawler.corpus.disk import replacing
from crawler.export.notes import FOLDER
from crawler.text.model import Unread, Words

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Found = Words | Unread
"""What came of reading one text."""

_STEM, _SUFFIX = "words-", ".zst"
_ENCODER = msgspec.json.Encoder()
_LEVEL = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    entry: int
    words: Words | None = None
    unread: Unread | None = None


_DECODER = msgspec.json.Decoder(_Line)


class Spool:
    """The waiting words of one export folder."""

    def __init__(self, folder: Path) -> None:
        """``folder``: the export's."""
        self._folder = folder / FOLDER

    def has(self, number: int, inputs: str) -> bool:
        """Whether all words of a window wait that was read from these inputs."""
        try:
            with zstd.open(self._path(number), "rb") as file:
                return bool(file.readline() == _head(inputs))
        except (OSError, EOFError, zstd.ZstdError):
            return False

    def write(self, number: int, inputs: str, found: Iterable[tuple[int, Found]]) -> None:
        """Put down the words of a window; durable on return. An ``OSError`` names the file."""
        frame = zstd.ZstdCompressor(level=_LEVEL)
        with replacing(self._path(number)) as file:
            file.write(frame.compress(_head(inputs)))
            for entry, one in found:
                line = (
                    _Line(entry=entry, words=one) if isinstance(one, Words) else _Line(entry=entry, unread=one)
                )
                file.write(frame.compress(_ENCODER.encode(line) + b"\n"))
            file.write(frame.flush())

    def read(self, number: int) -> Iterator[tuple[int, Found]]:
        """The words of a window that waits, by entry."""
        with zstd.open(self._path(number), "rb") as file:
            lines = io.BufferedReader(file)
            lines.readline()
            for line in lines:
                told = _DECODER.decode(line)
                found = told.words or told.unread
                assert found is not None
                yield told.entry, found

    def clear(self) -> None:
        """Delete all of it."""
        for path in self._folder.glob(f"{_STEM}*"):
            path.unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"{_STEM}{number:05d}{_SUFFIX}"


def _head(inputs: str) -> bytes:
    return _ENCODER.encode(inputs) + b"\n"
