"""Shards as Parquet, which ``datasets``, pyarrow, polars and duckdb load in one line.

``text/00000.parquet`` and ``images/00000.parquet``. The schema carries the features of Hugging Face's
``datasets`` (https://huggingface.co/docs/datasets/about_dataset_features), so that it decodes the image column
without being told, and says of every column what it means (field metadata ``description``).

Where pictures are files of their own, the image column holds their path within the export and no bytes.
``datasets`` opens such a path relative to the working directory: from inside the export's folder pictures
decode as usual; from elsewhere a program asks for ``cast_column("image", Image(decode=False))`` and joins
folder and path itself.

Deterministic: one version of pyarrow makes the same bytes of the same rows. What is written holds its version
and no clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from crawler.corpus.disk import naming
from crawler.export.columns import Column, Table, Type
from crawler.export.model import ExportError, Picture, Row, Wanted
from crawler.export.together import together

GROUP_ROWS = 1_000
"""Most rows of a row group."""

GROUP_BYTES = 64 << 20
"""Most bytes of a row group before compression, unless a single row has more."""

LEVEL = 3
"""Of Zstandard: its own default, where size and speed meet."""

_STRING = {"dtype": "string", "_type": "Value"}
_FEATURES: dict[Type, dict[str, Any]] = {
    Type.STRING: _STRING,
    # every release of ``datasets`` knows this name; those since 4.0 call it ``List`` and read both
    Type.STRINGS: {"feature": _STRING, "_type": "Sequence"},
    Type.INTEGER: {"dtype": "int64", "_type": "Value"},
    Type.NUMBER: {"dtype": "float32", "_type": "Value"},
    Type.TIME: {"dtype": "timestamp[us, tz=UTC]", "_type": "Value"},
    Type.IMAGE: {"_type": "Image"},
}

_REPEATING = frozenset({"domain", "extractor", "language", "licence", "media_type", "outcome", "run"})
"""Columns with few different values, which are written once a row group and then numbered."""

_SEARCHED = frozenset({"bytes", "domain", "entry", "fetched_at", "height", "id", "language", "width"})
"""Columns whose least and greatest value stand in the footer, so that a reader may skip row groups."""


class Parquet:
    """The format ``parquet``. ``ExportError`` where pyarrow is not installed."""

    def __init__(self, wanted: Wanted) -> None:
        needs_pyarrow("Parquet")
        self.wanted = wanted
        """What is asked for. Nothing of it changes how rows are written: they bring pictures as they are."""

    def files(self, table: Table, shard: int) -> Sequence[str]:
        """Paths of the files of a shard within the export."""
        return (f"{table}/{shard:05d}.parquet",)

    @contextmanager
    def begin(self, folder: Path, table: Table, shard: int, columns: Sequence[Column]) -> Iterator[ParquetSink]:
        """A shard to be written; see :class:`~crawler.export.model.Format`."""
        (name,) = self.files(table, shard)
        with together([folder / name]) as (file,), rows_into(file, folder / name, columns) as sink:
            yield sink


class ParquetSink:
    """Rows on their way into a Parquet file: gathered, and written a row group at a time."""

    def __init__(self, writer: Any, path: Path, columns: Sequence[Column]) -> None:
        self._writer = writer
        self._path = path
        self._columns = columns
        self._begin_group()

    def add(self, row: Row) -> None:
        """Write the next row. An ``OSError`` names the file."""
        cells = [_cell(column.type, row.get(column.name)) for column in self._columns]
        size = sum(_size(cell) for cell in cells)
        if self._rows and self._bytes + size > GROUP_BYTES:
            self.end_group()
        for values, cell in zip(self._values, cells, strict=True):
            values.append(cell)
        self._rows += 1
        self._bytes += size
        if self._rows >= GROUP_ROWS:
            self.end_group()

    def end_group(self) -> None:
        """Write what is gathered, if anything is. An ``OSError`` names the file."""
        if not self._rows:
            return
        import pyarrow as pa

        schema = self._writer.schema
        arrays = [_array(values, field.type) for values, field in zip(self._values, schema, strict=True)]
        self._begin_group()  # the gathered rows are free to go before the written ones take their room
        with naming(self._path):
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=GROUP_ROWS)

    def _begin_group(self) -> None:
        self._values: list[list[Any]] = [[] for _ in self._columns]
        self._rows = 0
        self._bytes = 0


@contextmanager
def rows_into(file: BinaryIO, path: Path, columns: Sequence[Column]) -> Iterator[ParquetSink]:
    """Rows to be written to ``file``, which is whole when the context ends; errors speak of ``path``."""
    import pyarrow.parquet as pq

    with naming(path):
        writer = pq.ParquetWriter(
            file,
            schema_of(columns),
            version="2.6",
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=[column.name for column in columns if column.name in _REPEATING],
            write_statistics=[column.name for column in columns if column.name in _SEARCHED],
            write_page_checksum=True,
        )
    sink = ParquetSink(writer, path, columns)
    try:
        yield sink
        sink.end_group()
        with naming(path):
            writer.close()
    except BaseException:
        # otherwise the writer tries to end the file when it is collected, and complains where nobody listens
        with suppress(Exception):
            writer.close()
        writer.is_open = False
        raise


def schema_of(columns: Sequence[Column]) -> Any:
    """The columns as a ``pyarrow.Schema``."""
    import pyarrow as pa

    types = {
        Type.STRING: pa.string(),
        Type.STRINGS: pa.list_(pa.string()),
        Type.INTEGER: pa.int64(),
        Type.NUMBER: pa.float32(),
        Type.TIME: pa.timestamp("us", tz="UTC"),
        Type.IMAGE: pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
    }
    features = {column.name: _FEATURES[column.type] for column in columns}
    return pa.schema(
        [
            pa.field(column.name, types[column.type], metadata={"description": column.meaning})
            for column in columns
        ],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )


def needs_pyarrow(format_: str) -> None:
    """Raise ``ExportError`` unless pyarrow is installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise ExportError(
            f"{format_} needs pyarrow, which is not installed: pip install 'heedful[export]'"
        ) from error


def well_formed(text: str) -> str:
    """``text`` as it can be written as UTF-8: a surrogate that stands alone becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _cell(kind: Type, value: Any) -> Any:
    """One value as it is gathered: strings as UTF-8, so that their size is known and none can fail later."""
    if kind is Type.STRINGS:
        return [well_formed(one).encode() for one in value or ()]
    if value is None:
        return None
    if kind is Type.STRING:
        return well_formed(value).encode()
    if kind is Type.TIME:
        assert isinstance(value, datetime)
        return value.astimezone(UTC)
    return value


def _size(cell: Any) -> int:
    """About how many bytes a gathered value takes."""
    if isinstance(cell, bytes):
        return len(cell)
    if isinstance(cell, list):
        return sum(map(len, cell))
    if isinstance(cell, Picture):
        return len(cell.data or b"")
    return 8


def _array(values: list[Any], type_: Any) -> Any:
    """Gathered values of one column as a ``pyarrow.Array``."""
    import pyarrow as pa

    if not pa.types.is_struct(type_):
        return pa.array(values, type_)
    return pa.StructArray.from_arrays(
        [
            pa.array([None if one is None else one.data for one in values], pa.binary()),
            pa.array([None if one is None else well_formed(one.name) for one in values], pa.string()),
        ],
        fields=[*type_],
        mask=pa.array([one is None for one in values], pa.bool_()),
    )
