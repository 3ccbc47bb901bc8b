"""The leaves of the tree: every entry with its salt and its hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit import salts, tiles
from crawler.audit.blocks import BLOCK
from crawler.audit.entries import erased
from crawler.audit.merkle import HASH_SIZE, TILE_WIDTH
from crawler.audit.pieces import pieces, places

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.corpus.segments import Place


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry as the tree sees it."""

    number: int
    """Its place in the ledger, from 1; its index in the tree is one less."""
    salt: bytes | None
    """Its salt; None: it was erased."""
    line: bytes | None
    """Its line without the LF; None: it was erased."""
    hash: bytes
    """Its leaf hash, computed from salt and line; of an erased entry the one that its tile holds."""


def leaves(folder: Path, first: int = 1) -> Iterator[Leaf]:
    """The leaves of the ledger in ``folder``, oldest first, in memory that does not grow.

    ``first``: begin with this entry; blocks before it are not restored. Raises ``Damaged``.
    """
    after: Place | None = None
    number = 1
    for start, place in places(folder) if first > BLOCK else ():
        if start + BLOCK <= first:
            after, number = place, start + BLOCK
    drawn = salts.walk(folder, number)
    last: tuple[int, bytes] | None = None
    for piece in pieces(folder, after, number):
        for line in piece.lines:
            salt = next(drawn, None)
            if salt is None:
                raise salts.missing(folder, number)
            if number >= first:
                if line == erased(number):
                    index, offset = divmod(number - 1, TILE_WIDTH)
                    if last is None or last[0] != index or len(last[1]) <= offset * HASH_SIZE:
                        last = index, tiles.read(folder, 0, index, offset + 1, all=True)
                    hash = last[1][offset * HASH_SIZE : (offset + 1) * HASH_SIZE]
                    yield Leaf(number, None, None, hash)
                else:
                    yield Leaf(number, salt, line[:-1], salts.salted(salt, line[:-1]))
            number += 1
