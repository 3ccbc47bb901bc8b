"""The tail: the entries after the last full block, as lines of JSON.

``tail.jsonl`` is appended to with every sync. When it holds a block, and that is on disk, it is begun anew
with what is left over.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crawler.corpus.disk import append_at, replace_file
from crawler.corpus.errors import Damaged

if TYPE_CHECKING:
    from pathlib import Path

NAME = "tail.jsonl"


def read(folder: Path) -> tuple[list[bytes], bytes] | None:
    """Its whole lines, each with its LF, and what follows the last LF; None if there is no file."""
    try:
        data = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return None
    *lines, torn = data.split(b"\n")
    return [line + b"\n" for line in lines], torn


def cut_short(torn: bytes) -> bool:
    """Whether these bytes are the beginning of a line, or a whole one that only lacks its LF."""
    text = torn.decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return text.startswith("{")
    return end == len(text)


def damaged(folder: Path, lines: list[bytes], row: int, why: str) -> Damaged:
    """What to raise for line number ``row``, from 0, of these ``lines``."""
    offset = sum(map(len, lines[:row]))
    return Damaged(f"{folder / NAME}: line {row + 1} (byte {offset}) is damaged ({why})")


class Tail:
    """The writing end."""

    def __init__(self, folder: Path, lines: list[bytes]) -> None:
        """``lines``: what is on disk."""
        self._path = folder / NAME
        self.lines = lines
        """Everything in it, buffered lines included."""
        self._written = len(lines)
        self._size = sum(map(len, lines))
        self.unsynced = 0
        """Bytes that are not on disk yet."""

    def append(self, line: bytes) -> None:
        """Buffer one line with its LF."""
        self.lines.append(line)
        self.unsynced += len(line)

    def sync(self) -> None:
        """Write and fsync what is buffered. An ``OSError`` names the file and leaves it buffered."""
        if self._written < len(self.lines):
            data = b"".join(self.lines[self._written :])
            append_at(self._path, self._size, data)
            self._size += len(data)
            self._written, self.unsynced = len(self.lines), 0

    def drop(self, count: int) -> None:
        """Begin anew without the first ``count`` lines; everything must be on disk. Durable on return."""
        self.replace(self.lines[count:])

    def replace(self, lines: list[bytes]) -> None:
        """Begin anew with these lines; everything must be on disk. Durable on return."""
        data = b"".join(lines)
        replace_file(self._path, data)
        self.lines, self._written, self._size = lines, len(lines), len(data)
