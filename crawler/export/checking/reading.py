"""The rows of shards as they were written, in all three formats, one at a time.

Of a picture that stands in a shard only digest and size are handed on. What a shard says twice, as WebDataset
does beside its tars, has to be the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from crawler.export.columns import COLUMNS, Table, Type
from crawler.export.model import KEY
from crawler.export.webdataset import WORDS
from crawler.optout.codec import time_to_text

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMIT = 256 << 20
"""Bytes of a line or of a member with words that are read; more than any page that is collected."""

BATCH = 16
"""Rows of Parquet that are in memory at a time."""

_CHUNK = 1 << 20
_TYPES = {column.name: column.type for column in COLUMNS}


class Lines(Protocol):
    """Gives one line after the other."""

    def readline(self, limit: int, /) -> bytes:
        """The next line, or as much of it; empty: there is none."""


class Unreadable(Exception):
    """A shard cannot be read on; in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bytes:
    """A picture that stands in a shard."""

    sha256: str
    """Digest of its bytes."""
    size: int
    """How many they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """One row."""

    row: Mapping[str, Any]
    """Every column but the image; times as ``datetime`` or as RFC 3339 has them."""
    picture: Bytes | None = None
    """Its picture, where it stands in the shard."""
    path: str | None = None
    """The path of its picture, where that is a file of its own."""
    trouble: tuple[str, ...] = field(default=())
    """In what the row says two things at once."""


def rows_of(folder: Path, form: str, compressed: bool, table: Table, number: int) -> Iterator[Read]:
    """The rows of a shard, in their order. Raises :class:`Unreadable`."""
    name = f"{table}/{number:05d}"
    try:
        if form == "jsonl":
            yield from _jsonl(folder / f"{name}.jsonl{'.zst' if compressed else ''}", compressed)
        elif form == "parquet":
            yield from _parquet(folder / f"{name}.parquet")
        elif form == "webdataset":
            yield from _webdataset(folder / f"{name}.tar", folder / f"{name}.parquet", table)
        else:
            raise Unreadable(f"its format {form!r:.40} is none that this version reads")
    except (OSError, ValueError, LookupError, TypeError, RecursionError, EOFError) as error:
        raise Unreadable(f"it cannot be read: {error!s:.300}") from error
    except (tarfile.TarError, zstd.ZstdError) as error:
        raise Unreadable(f"it cannot be read: {error!s:.300}") from error


def needs_pyarrow(form: str) -> bool:
    """Whether rows of this format can be read with pyarrow alone."""
    return form != "jsonl"


def _jsonl(path: Path, compressed: bool) -> Iterator[Read]:
    with path.open("rb") as file:
        lines: Lines = zstd.ZstdFile(file) if compressed else file
        while line := lines.readline(LIMIT):
            if not line.endswith(b"\n"):
                raise Unreadable(f"it has a line that has no end within {LIMIT >> 20} MiB")
            row = json.loads(line)
            if not isinstance(row, dict):
                raise Unreadable("it has a line that is no object")
            yield Read(row=row, path=row.pop("image", None))


def _parquet(path: Path) -> Iterator[Read]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, buffer_size=_CHUNK, page_checksum_verification=True) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                for row in batch.to_pylist():
                    image = row.pop("image", None)
                    if not isinstance(image, dict):
                        yield Read(row=row)
                    elif (data := image.get("bytes")) is None:
                        yield Read(row=row, path=str(image.get("path")))
                    else:
                        digest = hashlib.sha256(data).hexdigest()
                        yield Read(row=row, picture=Bytes(sha256=digest, size=len(data)))
    except pa.ArrowException as error:
        raise Unreadable(f"it cannot be read: {error!s:.300}") from error


def _webdataset(tar: Path, beside: Path, table: Table) -> Iterator[Read]:
    """The samples of a tar, and of each the row of the table beside it, which has to be the same."""
    with tar.open("rb") as file, tarfile.open(fileobj=file, mode="r|") as opened:
        rows = _parquet(beside)
        for key, members in _samples(opened):
            row = next(rows, None)
            if row is None:
                raise Unreadable("it has more samples than the table beside it has rows")
            yield _sample(key, members, dict(row.row), table)
        if next(rows, None) is not None:
            raise Unreadable("it has fewer samples than the table beside it has rows")


def _sample(key: str, members: Mapping[str, Any], row: dict[str, Any], table: Table) -> Read:
    trouble = []
    entry = row.get("entry")
    if not isinstance(entry, int) or key != format(entry, KEY):
        trouble.append(f"its members are called {key!r:.40}")
    others = json.loads(members.get("json") or b"null")
    if others != {name: _plain(name, value) for name, value in row.items()}:
        trouble.append("its .json is not the row of the table beside the shard")
    words = members.get("txt")
    if table is Table.TEXT:
        if words is not None:
            row["text"] = words.decode()
    elif words is not None:
        told = next((row[name] for name in WORDS[table] if row.get(name)), "")
        if words.decode() != told:
            trouble.append("its .txt is not what the table beside the shard says")
    pictures = [one for name, one in members.items() if name not in ("json", "txt")]
    if len(pictures) > 1:
        trouble.append("it has more than one picture")
    return Read(row=row, picture=pictures[0] if pictures else None, trouble=tuple(trouble))


def _samples(opened: tarfile.TarFile) -> Iterator[tuple[str, dict[str, Any]]]:
    """Members by the first part of their names: of words the bytes, of anything else digest and size."""
    key, members = "", dict[str, Any]()
    for member in opened:
        found, _, ending = member.name.partition(".")
        if members and found != key:
            yield key, members
            members = {}
        key = found
        file = opened.extractfile(member) if member.isreg() else None
        if file is None:
            raise Unreadable(f"its member {member.name!r:.60} is no file")
        if ending in members:
            raise Unreadable(f"its member {member.name!r:.60} is there twice")
        if ending not in ("json", "txt"):
            members[ending] = _digest(file)
        elif member.size > LIMIT:
            raise Unreadable(f"its member {member.name!r:.60} is larger than {LIMIT >> 20} MiB")
        else:
            members[ending] = file.read()
    if members:
        yield key, members


def _digest(file: IO[bytes]) -> Bytes:
    digest, size = hashlib.sha256(), 0
    for chunk in iter(partial(file.read, _CHUNK), b""):
        digest.update(chunk)
        size += len(chunk)
    return Bytes(sha256=digest.hexdigest(), size=size)


def _plain(name: str, value: Any) -> Any:
    """A value of Parquet as JSON has it. Numbers have four digits, which 32 bits hold."""
    if isinstance(value, datetime):
        return time_to_text(value)
    if isinstance(value, float) and _TYPES.get(name) is Type.NUMBER:
        return round(value, 4)
    return value
