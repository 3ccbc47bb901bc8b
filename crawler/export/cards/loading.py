"""How an export is loaded: one line for each library, as it stands in the card and as tests run it.

Each line is run from inside the export's folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.export.cards.head import shards_of

if TYPE_CHECKING:
    from crawler.export.cards.facts import Facts
    from crawler.export.made import MadeTable

Line = tuple[str, str]
"""A library, and the line that loads with it."""


def lines_for(facts: Facts, table: MadeTable) -> Iterator[Line]:
    """The lines for one table that has rows."""
    name, pattern = table.table.value, shards_of(facts, table)
    loaded = f'datasets.load_dataset(os.getcwd(), "{name}", split="train")'  # it cannot read "."
    yield "datasets", f"import os, datasets; rows = {loaded}"
    if facts.made.wanted.format == "jsonl":
        first = table.shards[0].files[0].path
        options = "read_options=pyarrow.json.ReadOptions(block_size=1 << 28)"
        yield "pyarrow", f'import pyarrow.json; rows = pyarrow.json.read_json("{first}", {options})'
        yield "polars", f'import polars; rows = polars.read_ndjson("{first}", infer_schema_length=None)'
        # All files tell the types: a column may be null throughout the first ones.
        source = f"read_json('{pattern}', maximum_sample_files=-1)"
    else:
        tables = pattern.replace(".tar", ".parquet")
        found = f'pyarrow.dataset.dataset(sorted(glob.glob("{tables}"))).to_table()'
        yield "pyarrow", f"import glob, pyarrow.dataset; rows = {found}"
        yield "polars", f'import polars; rows = polars.read_parquet("{tables}")'
        source = f"'{tables}'"
    query = f"SELECT * FROM {source}"  # noqa: S608 - a pattern of ours
    yield "duckdb", f'import duckdb; rows = duckdb.sql("{query}")'
    if facts.made.wanted.format == "webdataset":
        found = f'webdataset.WebDataset(sorted(glob.glob("{name}/*.tar")), shardshuffle=False)'
        yield "webdataset", f"import glob, webdataset; rows = {found}"
