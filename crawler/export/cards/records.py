"""The record sets of ``croissant.json``: every column as a field, and where a program finds its values.

For Parquet and JSON Lines that is the column of the shards. For WebDataset it is the column of the tables
beside the tars, and what these lack, the words and the pictures, is a record set of its own over their members.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crawler.export.cards.head import DECODED, shards_of
from crawler.export.columns import Column, Table, Type
from crawler.export.pictures import FOLDER

if TYPE_CHECKING:
    from crawler.export.cards.facts import Facts
    from crawler.export.made import MadeTable

_TYPES = {
    Type.STRING: "sc:Text",
    Type.STRINGS: "sc:Text",
    Type.INTEGER: "sc:Integer",
    Type.NUMBER: "sc:Float",
    Type.TIME: "sc:DateTime",
    Type.IMAGE: "sc:ImageObject",
}

EQUIVALENT = {
    "id": "sc:identifier",
    "text": "sc:text",
    "title": "sc:name",
    "author": "sc:author",
    "date": "sc:datePublished",
    "language": "sc:inLanguage",
    "alt": "sc:description",
    "caption": "sc:caption",
    "width": "sc:width",
    "height": "sc:height",
    "url": "prov:hadPrimarySource",
    "fetched_at": "prov:generatedAtTime",
    "media_type": "sc:encodingFormat",
    "bytes": "sc:contentSize",
    "sha256": "sc:sha256",
    "licence": "sc:license",
    "attribution": "sc:creditText",
    "run": "prov:wasGeneratedBy",
    "extractor": "prov:wasAttributedTo",
}
"""Properties of other vocabularies that columns stand for."""

_MEDIA = {
    "avif": "image/avif",
    "bin": "application/octet-stream",
    "gif": "image/gif",
    "heic": "image/heic",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "jxl": "image/jxl",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
}


def file_sets(facts: Facts) -> Iterator[dict[str, Any]]:
    """The sets of files that records are read from, and the pictures that are files of their own."""
    wanted = facts.made.wanted
    for table in facts.tables:
        pattern = shards_of(facts, table)
        if wanted.format == "webdataset":
            yield _set(f"{table.table}-tables", pattern.replace(".tar", ".parquet"), "application/x-parquet")
            tars = [file.path for shard in table.shards for file in shard.files if file.path.endswith(".tar")]
            for ending, media in _members(facts, table):
                yield _set(f"{table.table}-{ending}", f"*.{ending}", media, contained=tars)
        elif wanted.format == "parquet":
            yield _set(f"{table.table}-shards", pattern, "application/x-parquet")
        elif wanted.compressed:
            yield _set(f"{table.table}-shards", pattern, "application/zstd")
        else:
            yield _set(f"{table.table}-shards", pattern, "application/jsonlines")
    if facts.made.counts.pictures:
        yield _set("image-files", f"{FOLDER}/*/*", "application/octet-stream")


def record_sets(facts: Facts) -> list[dict[str, Any]]:
    """One for each table that has rows, and what tars have beside it."""
    found = []
    for table in facts.tables:
        name = table.table.value
        what = "Pages and documents" if table.table is Table.TEXT else "Images"
        tarred = facts.made.wanted.format == "webdataset"
        files = f"{name}-tables" if tarred else f"{name}-shards"
        found.append(
            {
                "@type": "cr:RecordSet",
                "@id": name,
                "name": name,
                "description": f"{what}, one row an item.",
                "key": {"@id": f"{name}/id"},
                "field": [
                    _field(facts, name, column, files)
                    for column in table.columns
                    if not (tarred and (column.type is Type.IMAGE or column.name == "text"))
                ],
            }
        )
        if tarred:
            found += [_contents(name, ending) for ending, _ in _members(facts, table)]
    return found


def _field(facts: Facts, record_set: str, column: Column, files: str) -> dict[str, Any]:
    kind = _TYPES[column.type]
    source: dict[str, Any] = {"fileSet": {"@id": files}, "extract": {"column": column.name}}
    meaning = column.meaning
    if column.type is Type.IMAGE and facts.made.wanted.images == "files":
        kind, meaning = "sc:Text", "Path of the image's file within this dataset."
        if facts.made.wanted.format == "parquet":
            source["transform"] = {"jsonPath": "path"}
    elif column.type is Type.IMAGE:
        source["transform"] = {"jsonPath": "bytes"}
    if column.name == "url":
        kind = "sc:URL"
    said: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column.name}",
        "name": column.name,
        "description": meaning.replace("`", ""),
        "dataType": kind,
    }
    if column.type is Type.STRINGS:
        said["isArray"] = True
    if column.name in EQUIVALENT:
        said["equivalentProperty"] = EQUIVALENT[column.name]
    return {**said, "source": source}


def _members(facts: Facts, table: MadeTable) -> Iterator[tuple[str, str]]:
    """Endings of members that are no table, with their media types."""
    names = {column.name for column in table.columns}
    if table.table is Table.TEXT and "text" in names:
        yield "txt", "text/plain"
    if table.table is Table.IMAGES and "image" in names:
        for ending in facts.endings:
            if ending in DECODED:
                yield ending, _MEDIA.get(ending, f"image/{ending}")


def _contents(record_set: str, ending: str) -> dict[str, Any]:
    """What stands in members of one ending, by the name of the row."""
    name = f"{record_set}-{ending}"
    return {
        "@type": "cr:RecordSet",
        "@id": f"{name}-contents",
        "name": f"{name}-contents",
        "description": f"What stands in the members .{ending} of the shards, by the id of the row.",
        "key": {"@id": f"{name}-contents/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}-contents/id",
                "name": "id",
                "description": "Name of the item: the id of its row.",
                "dataType": "sc:Text",
                "source": {
                    "fileSet": {"@id": name},
                    "extract": {"fileProperty": "filename"},
                    "transform": {"regex": r"^([0-9]+)\."},
                },
            },
            {
                "@type": "cr:Field",
                "@id": f"{name}-contents/content",
                "name": "content",
                "description": "The main text." if ending == "txt" else "The image.",
                "dataType": "sc:Text" if ending == "txt" else "sc:ImageObject",
                "source": {"fileSet": {"@id": name}, "extract": {"fileProperty": "content"}},
            },
        ],
    }


def _set(name: str, pattern: str, media: str, contained: list[str] | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {"@type": "cr:FileSet", "@id": name, "name": name, "includes": pattern}
    if contained:
        said["containedIn"] = [{"@id": path} for path in contained]
    return {**said, "encodingFormat": media}
