"""The head of a dataset card, in YAML (https://huggingface.co/docs/hub/datasets-cards).

Every string is written as JSON writes it, which YAML 1.1 and 1.2 read as the same string: no word of a stranger
can end the head, begin a key, or become a number or a tag.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from crawler.audit.prose import Quoted
from crawler.export.columns import Table, Type
from crawler.export.webdataset import WORDS

if TYPE_CHECKING:
    from crawler.export.cards.facts import Facts
    from crawler.export.made import MadeTable

Yaml = None | bool | str | Sequence["Yaml"] | Mapping[str, "Yaml"]

LICENCES: Mapping[str, str] = {
    "CC0-1.0": "cc0-1.0",
    **{f"CC-BY-{version}": f"cc-by-{version}" for version in ("2.0", "2.5", "3.0", "4.0")},
    **{f"CC-BY-SA-{version}": f"cc-by-sa-{version}" for version in ("3.0", "4.0")},
    **{f"CC-BY-NC-{version}": f"cc-by-nc-{version}" for version in ("2.0", "3.0", "4.0")},
    "CC-BY-ND-4.0": "cc-by-nd-4.0",
    **{f"CC-BY-NC-ND-{version}": f"cc-by-nc-nd-{version}" for version in ("3.0", "4.0")},
    **{f"CC-BY-NC-SA-{version}": f"cc-by-nc-sa-{version}" for version in ("2.0", "3.0", "4.0")},
    "etalab-2.0": "etalab-2.0",
    "PDDL-1.0": "pddl",
    **{f"GFDL-{version}": "gfdl" for version in ("1.1", "1.2", "1.3")},
}
"""Identifiers by SPDX's (https://huggingface.co/docs/hub/repositories-licenses)."""

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
)
"""Size categories: fewer rows than this."""

DECODED = frozenset({"avif", "bmp", "gif", "ico", "jpg", "png", "tif", "webp"})
"""Endings of images that Pillow opens. The others come as the bytes they are."""

_SHARDS = {"parquet": "parquet", "webdataset": "tar"}
_NUMBER = re.compile(r"[^a-z0-9.-]+")
_UNREADABLE = re.compile("[\ufffe\uffff]")

_TYPES: Mapping[Type, Mapping[str, Yaml]] = {
    Type.STRING: {"dtype": "string"},
    # every release of ``datasets`` knows this name; those since 4.0 call it ``list`` and read both
    Type.STRINGS: {"sequence": "string"},
    Type.INTEGER: {"dtype": "int64"},
    Type.NUMBER: {"dtype": "float32"},
    Type.TIME: {"dtype": "timestamp[us, tz=UTC]"},
}


def head(facts: Facts) -> str:
    """The head, between its two lines of dashes."""
    said: dict[str, Yaml] = {"pretty_name": facts.name}
    if facts.languages:
        said["language"] = facts.languages
    said |= _licence(facts)
    said["size_categories"] = [_size(facts.made.counts.rows)]
    if facts.for_training and any(table.table is Table.TEXT for table in facts.tables):
        said["task_categories"] = ["text-generation"]
    said["tags"] = ["heedful", "croissant", "web-crawl", f"{facts.made.corpus.identity.posture}"]
    if facts.tables:
        said["configs"] = [
            {
                "config_name": table.table.value,
                "data_files": [{"split": "train", "path": shards_of(facts, table)}],
                **({"default": True} if table is facts.tables[0] else {}),
            }
            for table in facts.tables
        ]
    features = {table.table.value: features_of(facts, table) for table in facts.tables}
    if any(features.values()):
        said["dataset_info"] = [
            {"config_name": name, "features": found} for name, found in features.items() if found
        ]
    return "---\n" + "\n".join(_lines(said, "")) + "\n---\n"


def shards_of(facts: Facts, table: MadeTable) -> str:
    """The shards of a table that hold its rows, as a pattern."""
    wanted = facts.made.wanted
    ending = _SHARDS.get(wanted.format, "jsonl.zst" if wanted.compressed else "jsonl")
    return f"{table.table}/*.{ending}"


def features_of(facts: Facts, table: MadeTable) -> list[Yaml]:
    """The types of a table where ``datasets`` would guess them, and may guess wrong; empty: it is told.

    A column in which the first shard has no value has no type otherwise. In WebDataset a sample has one of
    several members for its image. An image that is a file beside the shards stays a path: where it starts is
    known to whoever loads it, and not to ``datasets``.
    """
    wanted = facts.made.wanted
    pictured = any(column.type is Type.IMAGE for column in table.columns)
    if wanted.format == "parquet" and not (pictured and wanted.images == "files"):
        return []
    if wanted.format != "webdataset":
        beside: Mapping[str, Yaml] = {"dtype": "string"}
        if wanted.format == "parquet":
            beside = {"dtype": {"image": {"decode": False}}}
        return [{"name": column.name, **_TYPES.get(column.type, beside)} for column in table.columns]
    names = {column.name for column in table.columns}
    members: list[Yaml] = []
    if pictured:
        members += [
            {"name": ending, "dtype": "image" if ending in DECODED else "binary"} for ending in facts.endings
        ]
    if names & {*WORDS[table.table]}:
        members.append({"name": "txt", "dtype": "string"})
    others: list[Yaml] = [
        {"name": column.name, **_TYPES[column.type]}
        for column in table.columns
        if column.type is not Type.IMAGE and column.name != "text"
    ]
    return [*members, {"name": "json", "struct": others}]


def _licence(facts: Facts) -> dict[str, Yaml]:
    licence = facts.licence
    if licence is not None and licence in LICENCES:
        return {"license": LICENCES[licence]}
    name = "see-each-row" if licence is None else _NUMBER.sub("-", licence.lower())
    return {"license": "other", "license_name": name, "license_link": "LICENSE.md"}


def _size(rows: int) -> str:
    return next((name for limit, name in SIZES if rows < limit), "10B<n<100B")


def _lines(value: Yaml, indent: str) -> Iterator[str]:
    """A mapping or a sequence in block style, line by line."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, Mapping | list | tuple) and inner:
                yield f"{indent}{key}:"
                yield from _lines(inner, indent if isinstance(inner, list | tuple) else indent + "  ")
            else:
                yield f"{indent}{key}: {_scalar(inner)}"
    elif isinstance(value, list | tuple):
        for inner in value:
            if isinstance(inner, Mapping):
                first, *rest = _lines(inner, indent + "  ")
                yield f"{indent}- {first.strip()}"
                yield from rest
            else:
                yield f"{indent}- {_scalar(inner)}"


def _scalar(value: Yaml) -> str:
    if isinstance(value, str):
        return json.dumps(_UNREADABLE.sub("\ufffd", Quoted(value).text), ensure_ascii=False)
    return json.dumps(value)
