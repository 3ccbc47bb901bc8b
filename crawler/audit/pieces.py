"""The lines of a ledger in their order, block by block and then the tail, also while somebody writes to it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit import blocks, tail
from crawler.audit.blocks import BLOCK, Unwhole
from crawler.audit.entries import Entry, number_in, parse_entry
from crawler.corpus.errors import Damaged
from crawler.corpus.segments import Place, serial_of
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from pathlib import Path

KEPT = 3
"""Blocks that a :class:`Reader` remembers, about three megabytes each."""

Find = Callable[[int], tuple[str, int] | None]
"""File and offset of the block that holds an entry; None: unknown, or in none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Lines that follow one another."""

    first: int
    """Number of the entry in the first line."""
    lines: list[bytes]
    """Each with its LF."""
    place: Place | None
    """The block that they are; None: they are in the tail."""
    folder: Path
    """The ledger's."""
    skipped: int = 0
    """Lines of the tail before these, which blocks hold already."""

    def damaged(self, number: int, why: str) -> Damaged:
        """What to raise for the line of one entry."""
        if self.place is None:
            row = number - self.first + self.skipped
            before = [b"" for _ in range(self.skipped)] + self.lines
            return tail.damaged(self.folder, before, row, why)
        return blocks.damaged(self.folder / self.place.file, self.place.offset, f"entry {number}: {why}")

    def entry(self, number: int) -> Entry:
        """The entry of this number; raises ``Damaged``."""
        try:
            return parse_entry(self.lines[number - self.first][:-1], number)
        except Malformed as error:
            raise self.damaged(number, str(error)) from error


def pieces(folder: Path, after: Place | None = None, number: int = 1) -> Iterator[Piece]:
    """The whole ledger in ``folder``, or what follows the block ``after``, where entry ``number`` comes next.

    Ends before a last line that has no LF yet. Raises ``Damaged`` where a block is none or entries are missing.
    """
    while True:
        before = number
        failure = None
        try:
            for place, frame in _frames(folder, after):
                try:
                    lines = blocks.unpack(frame)
                except Unwhole as error:
                    raise blocks.damaged(folder / place.file, place.offset, str(error)) from error
                yield Piece(first=number, lines=lines, place=place, folder=folder)
                number, after = number + BLOCK, place
        except Damaged as error:
            failure = error
        found = tail.read(folder)
        if found is None or not found[0]:
            if failure is not None:
                raise failure
            if found is None and number > 1:
                raise Damaged(f"{folder / tail.NAME} is missing")
            return
        lines, _ = found
        first = _first(folder, lines)
        if first <= number:
            rest = lines[number - first :]
            if failure is not None and not rest:
                raise failure
            if rest:
                yield Piece(first=number, lines=rest, place=None, folder=folder, skipped=number - first)
            return
        if failure is not None:
            raise failure
        if number == before:  # otherwise these became a block while that was read
            raise Damaged(f"{folder}: entries {number} to {first - 1} are missing")


def count(folder: Path) -> int:
    """How many whole entries there are; raises ``Damaged``."""
    found = tail.read(folder)
    if found is not None and found[0]:
        return _first(folder, found[0]) + len(found[0]) - 1
    return BLOCK * sum(1 for _ in places(folder))


def places(folder: Path) -> Iterator[tuple[int, Place]]:
    """The first entry and the place of every block, without restoring them; raises ``Damaged``."""
    number = 1
    for place, _ in _frames(folder, None):
        yield number, place
        number += BLOCK


class Reader:
    """Single entries by their number. Blocks that were restored last are remembered."""

    def __init__(self, folder: Path, find: Find) -> None:
        """``find``: what an index knows; what it does not know is looked for."""
        self._folder = folder
        self._find = find
        self._blocks: OrderedDict[int, Piece] = OrderedDict()
        self._tail: Piece | None = None  # its lines stay what they are, wherever they move

    def entry(self, number: int) -> Entry:
        """The entry of this number; raises ``Damaged``."""
        return self._piece(number).entry(number)

    def forget(self) -> None:
        """Read everything anew from here on."""
        self._blocks.clear()
        self._tail = None

    def _piece(self, number: int) -> Piece:
        first = number - (number - 1) % BLOCK
        if first in self._blocks:
            self._blocks.move_to_end(first)
            return self._blocks[first]
        if self._tail is not None and 0 <= number - self._tail.first < len(self._tail.lines):
            return self._tail
        found = self._find(number)
        if found is not None:
            piece = self._block(first, *found)
            self._blocks[first] = piece
            while len(self._blocks) > KEPT:
                self._blocks.popitem(last=False)
            return piece
        lines = (tail.read(self._folder) or ([], b""))[0]
        if lines and 0 <= number - (start := _first(self._folder, lines)) < len(lines):
            self._tail = Piece(first=start, lines=lines, place=None, folder=self._folder)
            return self._tail
        for start, place in places(self._folder):
            if start == first:
                return self._block(first, place.file, place.offset)
        raise Damaged(f"{self._folder}: entry {number} is missing")

    def _block(self, first: int, file: str, offset: int) -> Piece:
        lines = blocks.read(self._folder, file, offset)
        place = Place(file=file, offset=offset, length=0)
        return Piece(first=first, lines=lines, place=place, folder=self._folder)


def _frames(folder: Path, after: Place | None) -> Iterator[tuple[Place, bytes]]:
    """The frames of all files from the end of the block ``after`` on; raises ``Damaged`` where none is."""
    for file in blocks.names(folder):
        end = 0
        if after is not None:
            if serial_of(file) < serial_of(after.file):
                continue
            end = after.end if file == after.file else 0
        try:
            for place, frame in blocks.frames(folder, file, end):
                end = place.end
                yield place, frame
        except Unwhole as error:
            raise blocks.damaged(folder / file, end, str(error)) from error


def _first(folder: Path, lines: list[bytes]) -> int:
    try:
        return number_in(lines[0])
    except Malformed as error:
        raise tail.damaged(folder, lines, 0, str(error)) from error
