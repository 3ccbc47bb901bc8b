"""Shards as WebDataset, in the layout of img2dataset (https://github.com/rom1504/img2dataset).

``images/00000.tar`` holds three members an item: ``000000041.jpg``, the bytes as they were served, with the
ending of their type; ``000000041.txt``, what the page says of it; ``000000041.json``, all other columns. Beside
it stand ``images/00000.parquet``, the same columns as a table, and ``images/00000_stats.json``. In ``text/`` it
is ``.txt``, the text, and ``.json``. A member is left out where no column that it is made of is chosen.

The library ``webdataset`` reads it as it is. ``datasets`` guesses the types from the first five samples, which
fails where pictures are of several types or a value is missing in all five: it wants ``features``, those of the
table beside the tar as ``json``, an ``Image`` for every ending, and a string as ``txt``.

The members are headed as POSIX ustar, which every reader of tar knows: names and sizes are far below its
limits, and no member needs a second header as pax writes it. Owner, group and mode are the same for all, the
time is that of fetching: the same rows make the same bytes.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from crawler.audit.printable import json_text
from crawler.corpus.disk import naming
from crawler.export.columns import Column, Table, Type
from crawler.export.model import KEY, Picture, Row, Wanted
from crawler.export.parquet import ParquetSink, needs_pyarrow, rows_into, well_formed
from crawler.export.together import together
from crawler.optout.codec import time_to_text

WORDS = {Table.TEXT: ("text",), Table.IMAGES: ("caption", "alt", "title")}
"""Columns of which the first that has a value is the ``.txt``."""

_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
_LATEST = 8**11 - 1
"""The last second that a ustar header can name, in the year 2242."""


class WebDataset:
    """The format ``webdataset``. ``ExportError`` where pyarrow is not installed."""

    def __init__(self, wanted: Wanted) -> None:
        needs_pyarrow("WebDataset")
        self.wanted = wanted
        """What is asked for. Nothing of it changes how rows are written."""

    def files(self, table: Table, shard: int) -> Sequence[str]:
        """Paths of the files of a shard within the export."""
        name = f"{table}/{shard:05d}"
        return (f"{name}.tar", f"{name}.parquet", f"{name}_stats.json")

    @contextmanager
    def begin(self, folder: Path, table: Table, shard: int, columns: Sequence[Column]) -> Iterator[TarSink]:
        """A shard to be written; see :class:`~crawler.export.model.Format`."""
        paths = [folder / name for name in self.files(table, shard)]
        with together(paths) as (tar, parquet, stats):
            with rows_into(parquet, paths[1], _beside(columns)) as rows:
                sink = TarSink(tar, paths[0], table, columns, rows)
                yield sink
                sink.end()
            with naming(paths[2]):
                stats.write(json.dumps(sink.stats(), indent=4).encode() + b"\n")


class TarSink:
    """Rows on their way into a tar and the table beside it."""

    def __init__(
        self, file: BinaryIO, path: Path, table: Table, columns: Sequence[Column], rows: ParquetSink
    ) -> None:
        self._file = file
        self._path = path
        self._rows = rows
        self._beside = _beside(columns)
        names = frozenset(column.name for column in columns)
        self._words = [name for name in WORDS[table] if name in names]
        self._dated = "fetched_at" in names
        self._image = next((column.name for column in columns if column.type is Type.IMAGE), None)
        self._size = self._count = self._whole = 0

    def add(self, row: Row) -> None:
        """Write the next row. An ``OSError`` names the file.

        An image that has no bytes is a row of the table and no sample, as it is with img2dataset: whoever
        trains expects of every sample that it is whole.
        """
        self._rows.add(row)
        self._count += 1
        members: dict[str, bytes] = {}
        if self._image is not None:
            picture = row.get(self._image)
            if not isinstance(picture, Picture) or picture.data is None:
                return
            members[_ending(picture.name)] = picture.data
        if self._words:
            words = next((row[name] for name in self._words if row.get(name)), "")
            members[".txt"] = well_formed(words).encode()
        others = {column.name: _plain(row.get(column.name), column.type) for column in self._beside}
        members[".json"] = json_text(others, compact=True).encode()
        at = _seconds(row.get("fetched_at") if self._dated else None)
        with naming(self._path):
            for ending, data in members.items():
                self._member(format(row["entry"], KEY) + ending, data, at)
        self._whole += 1

    def end(self) -> None:
        """Write what ends a tar: two empty blocks, and more up to the length of a record."""
        rest = 2 * tarfile.BLOCKSIZE
        rest += -(self._size + rest) % tarfile.RECORDSIZE
        with naming(self._path):
            self._file.write(bytes(rest))

    def stats(self) -> Mapping[str, Any]:
        """Fields of img2dataset's statistics, without the three that the clock gives.

        What could not be fetched is no row, and nothing is resized: neither can have failed here.
        """
        without = self._count - self._whole
        status = {"success": self._whole, "no image": without}
        return {
            "count": self._count,
            "successes": self._whole,
            "failed_to_download": 0,
            "failed_to_resize": 0,
            "status_dict": {name: count for name, count in status.items() if count},
        }

    def _member(self, name: str, data: bytes, at: int) -> None:
        header = tarfile.TarInfo(name)
        header.size = len(data)
        header.mtime = at
        header.mode = 0o644
        block = header.tobuf(tarfile.USTAR_FORMAT)
        padding = bytes(-len(data) % tarfile.BLOCKSIZE)
        for part in (block, data, padding):
            self._file.write(part)
            self._size += len(part)


def _beside(columns: Sequence[Column]) -> list[Column]:
    """Columns that are no member of their own."""
    return [column for column in columns if column.type is not Type.IMAGE and column.name != "text"]


def _ending(name: str) -> str:
    """Ending of a picture's name, by which readers choose a decoder; ``.bin`` where it cannot be one."""
    ending = PurePosixPath(name).suffix.lower()
    return ending if _ENDING.fullmatch(ending) and ending not in {".txt", ".json"} else ".bin"


def _seconds(at: datetime | None) -> int:
    """The time of a member."""
    return 0 if at is None else min(max(int(at.timestamp()), 0), _LATEST)


def _plain(value: Any, kind: Type) -> Any:
    """One value as JSON has it."""
    if kind is Type.STRINGS:
        return [well_formed(one) for one in value or ()]
    if value is None:
        return None
    if kind is Type.STRING:
        return well_formed(value)
    return time_to_text(value) if kind is Type.TIME else value
