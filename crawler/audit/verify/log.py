"""The ledger by itself: every entry is the next one, and the tree over them is the one that was signed.

The tree is computed from salts and entries. Tiles and checkpoints are compared with it, never believed; an
entry that was erased takes its hash from a tile, and the signed roots tell whether that is the right one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.audit import blocks, salts, tail, tiles
from crawler.audit.checkpoint import Checkpoint
from crawler.audit.entries import Entry, erased, format_entry, parse_entry
from crawler.audit.merkle import (
    HASH_SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    Frontier,
    root,
    tile_path,
    tile_width,
)
from crawler.audit.pieces import Piece, pieces
from crawler.audit.verify.findings import Findings
from crawler.corpus.errors import Damaged
from crawler.optout.model import Malformed


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A checkpoint whose signature holds, and where it was found."""

    checkpoint: Checkpoint
    """What it says."""
    where: str
    """Its file."""
    offset: int | None = None
    """Where in the file."""
    signer: str = ""
    """Name of the key that signed it."""
    outside: bool = False
    """Whether it comes from outside the corpus, so that the corpus cannot have been changed to fit it."""

    @property
    def at(self) -> datetime | None:
        """When it was signed."""
        return self.checkpoint.at


class Log:
    """The check of one ledger, as its entries go by."""

    def __init__(self, ledger: Path, signed: Iterable[Signed], findings: Findings) -> None:
        """``signed``: the checkpoints that the tree is compared with."""
        self._ledger = ledger
        self._findings = findings
        self._due: dict[int, list[Signed]] = {}
        self._sealed_size = 0  # up to there the ledger has tiles
        for one in signed:
            self._due.setdefault(one.checkpoint.size, []).append(one)
            if not one.outside:
                self._sealed_size = max(self._sealed_size, one.checkpoint.size)
        self._frontier = Frontier()
        self._rows: list[list[bytes]] = [[]]
        self._whole = True
        self.blanks: dict[int, bool] = {}
        """Erased entries, and whether an entry says that they were."""

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._frontier.size

    def entries(self) -> Iterator[Entry]:
        """Every entry that can be read, oldest first; what does not hold is told to the findings."""
        self._sealed()
        drawn = salts.walk(self._ledger)
        try:
            for piece in pieces(self._ledger):
                for number, line in enumerate(piece.lines, piece.first):
                    salt = next(drawn, None)
                    if salt is None:
                        raise salts.missing(self._ledger, number)
                    entry = self._entry(piece, number, line[:-1], salt)
                    self._sealed()
                    if entry is not None:
                        yield entry
        except (Damaged, OSError) as error:
            self._whole = False
            self._findings.damage(error, entry=self.size + 1)
            self._findings.note(
                f"the ledger could be read up to entry {self.size}; what comes after it was not looked at"
            )
        self._end(sum(1 for _ in drawn))

    def _entry(self, piece: Piece, number: int, line: bytes, salt: bytes) -> Entry | None:
        """The entry in a line; None: it was erased, or is none."""
        self._findings.counts["entries"] += 1
        if line + b"\n" == erased(number):
            self._findings.counts["erased"] += 1
            self.blanks[number] = False
            if salt != salts.ERASED:
                self._findings.add(
                    "it is erased, but its salt is not", entry=number, **self._place(piece, number)
                )
            index, offset = divmod(number - 1, TILE_WIDTH)
            hashes = tiles.read(self._ledger, 0, index, offset + 1)
            self._grow(hashes[offset * HASH_SIZE : (offset + 1) * HASH_SIZE])
            return None
        self._grow(salts.salted(salt, line))
        try:
            entry = parse_entry(line, number)
        except Malformed as error:
            self._findings.add(f"it is no entry: {error}", entry=number, **self._place(piece, number))
            return None
        if format_entry(entry.fields)[:-1] != line:
            self._findings.add("it is not written as an entry is", entry=number, **self._place(piece, number))
        return entry

    def _place(self, piece: Piece, number: int) -> dict[str, object]:
        if piece.place is not None:
            path = self._ledger / piece.place.file
            return {"file": self._findings.name_of(path), "offset": piece.place.offset}
        path = self._ledger / tail.NAME
        before = sum(map(len, piece.lines[: number - piece.first]))
        return {"file": self._findings.name_of(path), "offset": before}

    def _grow(self, hash: bytes) -> None:
        self._frontier.append(hash)
        level = 0
        self._rows[0].append(hash)
        while len(self._rows[level]) == TILE_WIDTH:
            full = self._rows[level]
            self._tile(level, (self.size >> TILE_HEIGHT * (level + 1)) - 1, full, TILE_WIDTH)
            self._rows[level] = []
            level += 1
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(root(full))

    def _sealed(self) -> None:
        """Compare the tree with the checkpoints of its size."""
        for one in self._due.pop(self.size, ()):
            self._findings.counts["checkpoints"] += 1
            if one.checkpoint.root != self._frontier.root:
                whose = "the ledger does not begin with" if one.outside else "the entries before are not"
                self._findings.add(
                    f"the checkpoint of {self.size} entries does not hold: {whose} what it was signed over",
                    entry=self.size or None,
                    file=one.where,
                    offset=one.offset,
                )

    def _tile(self, level: int, index: int, hashes: list[bytes], width: int) -> None:
        """Compare a tile with its file, and those left of earlier sizes with its beginning."""
        full = self._ledger / tile_path(level, index)
        partial = full.with_name(full.name + ".p")
        found = [(full, TILE_WIDTH)] if full.exists() else []
        if partial.is_dir():
            found += [(path, int(path.name)) for path in partial.iterdir() if path.name.isdigit()]
        for path, claimed in sorted(found):
            if claimed <= len(hashes):
                self._findings.counts["tiles"] += 1
                if path.read_bytes() != b"".join(hashes[:claimed]):
                    what = "the tile does not hold the hashes of the entries"
                    self._findings.add(what, file=self._findings.name_of(path))
        if width and not any(claimed >= width for _, claimed in found):
            path = self._ledger / tile_path(level, index, width)
            self._findings.add("the tile is missing", file=self._findings.name_of(path))

    def _end(self, salts_left: int) -> None:
        last = self._sealed_size
        for level, row in enumerate(self._rows):
            index = self.size >> TILE_HEIGHT * (level + 1)
            width = tile_width(level, index, last)
            if row or width:
                self._tile(level, index, row, width if self._whole else 0)
        for size, missed in sorted(self._due.items()):
            for one in missed:
                what = f"it is signed over {size} entries, but there are {self.size} that can be read"
                self._findings.add(what, file=one.where, offset=one.offset)
        if self._whole:
            self._leftovers(salts_left)

    def _leftovers(self, salts_left: int) -> None:
        """Name what a crash leaves: ends that were not written."""
        found = tail.read(self._ledger)
        if found is not None and found[1]:
            self._findings.note(
                f"{self._findings.name_of(self._ledger / tail.NAME)} ends in {len(found[1])} bytes that are no "
                "whole entry: a write that was interrupted"
            )
        size = (self._ledger / salts.NAME).stat().st_size if (self._ledger / salts.NAME).exists() else 0
        if salts_left or size % salts.SIZE:
            more = size - self.size * salts.SIZE
            self._findings.note(
                f"{self._findings.name_of(self._ledger / salts.NAME)} has {more} bytes more than the entries "
                "need: a write that was interrupted"
            )
        for name in blocks.names(self._ledger):
            path = self._ledger / name
            try:
                end = max((place.end for place, _ in blocks.frames(self._ledger, name)), default=0)
            except blocks.Unwhole as error:
                self._findings.note(
                    f"{self._findings.name_of(path)} ends in a block that is not whole ({error})"
                )
                continue
            if end != path.stat().st_size:
                self._findings.note(f"{self._findings.name_of(path)} ends in bytes that are no block")
