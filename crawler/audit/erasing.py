"""Erasing what entries say, so that it cannot be had back and every proof about the others still holds.

An erased entry loses its line and its salt. Its hash stays in the tile, so the tree stays what it was; without
salt and line nobody can tell what the hash was made of.

A file ``erasing`` says what is to go, before an ``erasure`` entry says that it went. Whatever interrupts it:
when the ledger is next opened, either nothing has happened, or the rest is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crawler.audit import blocks, salts
from crawler.audit.blocks import BLOCK, Unwhole
from crawler.audit.entries import erased
from crawler.audit.pieces import places
from crawler.corpus.disk import replace_file, replacing, sync_folder
from crawler.corpus.errors import Damaged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crawler.audit.tail import Tail

NAME = "erasing"


class Intent(msgspec.Struct, frozen=True):
    """What ``erasing`` says."""

    entries: list[int]
    """The numbers."""
    after: int
    """Entries that there were; the next one is the erasure."""


def intent(folder: Path) -> Intent | None:
    """An erasure that was begun and not ended; None: there is none. Raises ``Damaged``."""
    path = folder / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Intent)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise Damaged(f"{path} is damaged ({error})") from error


def begin(folder: Path, numbers: Sequence[int], after: int) -> None:
    """Say what is to go. Durable on return."""
    replace_file(folder / NAME, msgspec.json.encode(Intent(sorted(numbers), after)))


def carry_out(folder: Path, numbers: Sequence[int], tail: Tail) -> None:
    """Take line and salt from these entries. Durable on return; harmless when it was done before."""
    gone = set(numbers)
    by_block = {number - (number - 1) % BLOCK for number in gone}
    files: dict[str, dict[int, int]] = {}
    sealed = 0
    for first, place in places(folder):
        sealed = first + BLOCK - 1
        if first in by_block:
            files.setdefault(place.file, {})[place.offset] = first
    for file, wanted in files.items():
        _rewrite(folder, file, wanted, gone)
    rest = [number for number in gone if number > sealed]
    if rest:
        lines = list(tail.lines)
        for number in rest:
            lines[number - sealed - 1] = erased(number)
        tail.replace(lines)
    salts.erase(folder, sorted(gone))


def end(folder: Path) -> None:
    """Nothing is left to do. Durable on return."""
    (folder / NAME).unlink(missing_ok=True)
    sync_folder(folder)


def _rewrite(folder: Path, file: str, wanted: dict[int, int], gone: set[int]) -> None:
    """Replace a file by one in which the blocks at ``wanted`` offsets (first entry of each) lack entries."""
    path = folder / file
    try:
        with replacing(path) as new:
            for place, frame in blocks.frames(folder, file):
                if place.offset in wanted:
                    lines = blocks.unpack(frame)
                    first = wanted[place.offset]
                    for row in range(BLOCK):
                        if first + row in gone:
                            lines[row] = erased(first + row)
                    frame = blocks.pack(lines)
                new.write(frame)
    except Unwhole as error:
        raise Damaged(f"{path} is damaged ({error})") from error
