"""``SHA256SUMS``: every file of an export but itself, as ``sha256sum -c SHA256SUMS`` checks it.

::

    line = [ "\\" ] digest SP SP path LF       sorted by path, as bytes

A path with a backslash, a line feed or a carriage return has these written as ``\\\\``, ``\\n`` and ``\\r``,
and its line begins with a backslash (GNU coreutils manual, "cksum output modes"). Left out is ``.heedful/``,
which only the next export into the folder needs.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from crawler.export import pictures

if TYPE_CHECKING:
    from crawler.export.cards.written import Written
    from crawler.export.made import Made

FILE = "SHA256SUMS"
"""Its name."""

_LINE = re.compile(r"(\\?)([0-9a-f]{64}) [ *](.+)")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}


def write(written: Written, made: Made) -> None:
    """Write the file. The digests of shards and pictures are those that were checked when they were made."""
    digests = {file.path: file.sha256 for file in written.files.values()}
    for shard in (shard for table in made.tables for shard in table.shards):
        digests |= {file.path: file.sha256 for file in shard.files}
    beside = sorted(digests.items(), key=_place)
    with written.putting(FILE) as file:
        for path, digest in heapq.merge(beside, pictures.listed(written.folder), key=_place):
            file.write(line(path, digest))


def _place(listed: tuple[str, str]) -> bytes:
    return listed[0].encode("utf-8", "surrogateescape")


def line(path: str, digest: str) -> bytes:
    """The line of one file, with its LF."""
    escaped = re.sub(r"[\\\n\r]", lambda found: _ESCAPES[found[0]], path)
    mark = "\\" if escaped != path else ""
    return f"{mark}{digest}  {escaped}\n".encode("utf-8", "surrogateescape")


def read(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Path and digest of every line, in their order. Raises ``ValueError``, naming the line that is none."""
    for number, one in enumerate(lines, 1):
        match = _LINE.fullmatch(one.removesuffix(b"\n").decode("utf-8", "surrogateescape"))
        if match is None:
            raise ValueError(f"line {number} is no digest and a path")
        mark, digest, path = match.groups()
        if mark:
            path = re.sub(r"\\[\\nr]", lambda found: _UNESCAPES[found[0]], path)
        yield path, digest
