"""Images as files of their own, each once however often it was met: ``images/files/ab/abcd….jpg``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.corpus.disk import TEMPORARY, naming
from crawler.export.notes import digest_of
from crawler.export.rows import ending_of

if TYPE_CHECKING:
    from crawler.corpus.items import Item

FOLDER = "images/files"
"""Where they are within the export."""

_NAME = re.compile(r"([0-9a-f]{64})\.([a-z]+)")


def path_of(item: Item) -> str:
    """The path of an image within the export. Only a digest and an ending of ours make it."""
    return f"{FOLDER}/{item.sha256[:2]}/{item.sha256}.{ending_of(item)}"


def put(folder: Path, item: Item, data: bytes) -> str:
    """Write an image unless it is there; returns its path within the export. Durable after :func:`sync`."""
    path = path_of(item)
    if not is_there(folder, item):
        place = folder / path
        temporary = place.with_name(place.name + TEMPORARY)
        with naming(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(data)
                temporary.replace(place)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    return path


def sync() -> None:
    """Make all that was put durable: at once, because waiting for each of ten thousand takes minutes."""
    os.sync()


def is_there(folder: Path, item: Item) -> bool:
    """Whether the file of an image is there and holds its bytes."""
    return digest_of(folder / path_of(item), item.bytes) == item.sha256


def tidy(folder: Path, needed: Callable[[str, str], bool]) -> tuple[int, int]:
    """Delete the files that nothing refers to; returns number and bytes of the others.

    ``needed`` is asked by digest and ending. What is named otherwise is none of ours and stays.
    """
    count = size = 0
    for path in _walk(folder / FOLDER):
        match = _NAME.fullmatch(path.name)
        if match is None:
            continue
        if needed(match[1], match[2]):
            count, size = count + 1, size + path.stat().st_size
        else:
            path.unlink(missing_ok=True)
    return count, size


def named(path: str) -> str | None:
    """The digest that a picture bears as its name, by its path within the export; None: it is none."""
    folder, _, name = path.rpartition("/")
    match = _NAME.fullmatch(name)
    return match[1] if match is not None and folder == f"{FOLDER}/{match[1][:2]}" else None


def listed(folder: Path) -> Iterator[tuple[str, str]]:
    """The files that there are: their paths within the export, in order, and the digests they bear as names."""
    for path in _walk(folder / FOLDER):
        if (match := _NAME.fullmatch(path.name)) is not None:
            yield path.relative_to(folder).as_posix(), match[1]


def _walk(folder: Path) -> Iterator[Path]:
    """The files below, one folder at a time; folders that are empty are removed."""
    if not folder.is_dir():
        return
    for part in sorted(folder.iterdir()):
        if part.is_dir():
            yield from sorted(part.iterdir())
            if not any(part.iterdir()):
                part.rmdir()
