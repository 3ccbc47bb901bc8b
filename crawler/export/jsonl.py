"""Shards as JSON Lines, which everything reads: ``text/00000.jsonl.zst`` and ``images/00000.jsonl.zst``.

One object a line, every column always there, keys in the order of the columns, UTF-8, times as RFC 3339 in UTC.
Of an image stands the path of its file within the export.

Compressed with Zstandard (RFC 8878), one frame a file, with its checksum. Deterministic: the same rows give the
same bytes with one version of the library.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from crawler.corpus.disk import naming
from crawler.export.columns import Column, Table
from crawler.export.model import Picture, Row, Wanted
from crawler.export.together import together
from crawler.optout.codec import time_to_text

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_OPTIONS: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: 9,
    zstd.CompressionParameter.checksum_flag: 1,
}
_ENCODER = msgspec.json.Encoder()


class Jsonl:
    """The format ``jsonl``."""

    def __init__(self, wanted: Wanted) -> None:
        self._compressed = wanted.compressed

    def files(self, table: Table, shard: int) -> Sequence[str]:
        """See :class:`~crawler.export.model.Format`."""
        return (f"{table.value}/{shard:05d}.jsonl{'.zst' if self._compressed else ''}",)

    @contextmanager
    def begin(self, folder: Path, table: Table, shard: int, columns: Sequence[Column]) -> Iterator[_Lines]:
        """See :class:`~crawler.export.model.Format`."""
        path = folder / self.files(table, shard)[0]
        with together([path]) as (file,):
            lines = _Lines(file, path, columns, compressed=self._compressed)
            yield lines
            lines.end()


class _Lines:
    def __init__(self, file: BinaryIO, path: Path, columns: Sequence[Column], *, compressed: bool) -> None:
        self._file = file
        self._path = path
        self._names = [column.name for column in columns]
        self._frame = zstd.ZstdCompressor(options=_OPTIONS) if compressed else None

    def add(self, row: Row) -> None:
        """Write the next row."""
        line = _ENCODER.encode({name: _plain(row.get(name)) for name in self._names}) + b"\n"
        self._write(line if self._frame is None else self._frame.compress(line))

    def end(self) -> None:
        """Write what the compressor still holds."""
        if self._frame is not None:
            self._write(self._frame.flush(self._frame.FLUSH_FRAME))

    def _write(self, data: bytes) -> None:
        with naming(self._path):
            self._file.write(data)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_to_text(value)
    return value.name if isinstance(value, Picture) else value
