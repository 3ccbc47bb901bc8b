"""The tree of hashes over the ledger, its proofs, and where its tiles lie. Arithmetic only: no file is touched.

The tree is that of RFC 6962, section 2.1 (https://www.rfc-editor.org/rfc/rfc6962#section-2.1)::

    MTH({})       = SHA-256()
    MTH({d})      = SHA-256(0x00 || d)
    MTH(D[n])     = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n]))     k = the largest power of two below n

A **node** ``(level, index)`` is the root of a whole subtree: the hash over the leaves ``index * 2**level`` up
to, not including, ``(index + 1) * 2**level``. Proofs ask for nodes through a :data:`GetHash` and never for
anything else, so what is asked for can be computed from tiles. A **tile** is 256 neighbouring nodes of one of
the levels 0, 8, 16 …, one after the other (https://c2sp.org/tlog-tiles).

Sizes and indexes of ours that make no sense raise ``ValueError``: a proof of nonsense is a mistake of the
caller. Proofs of strangers never raise: one that proves nothing is False.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

EMPTY = sha256().digest()
"""The root of the tree without leaves."""
HASH_SIZE = 32
"""Bytes of a hash."""
TILE_HEIGHT = 8
"""Levels of the tree that one level of tiles spans."""
TILE_WIDTH = 1 << TILE_HEIGHT
"""Hashes in a full tile."""

GetHash = Callable[[int, int], bytes]
"""Gives the node of a level and an index."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """The root of the tree over these leaf hashes."""
    return Frontier(hashes).root


class Frontier:
    """A tree that grows at its right edge and remembers only that: one hash for each bit set in its size."""

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        self.size = 0
        """Leaves so far."""
        self._nodes: list[bytes] = []  # the whole subtrees, largest first
        self.extend(hashes)

    @classmethod
    def resume(cls, size: int, get_hash: GetHash) -> Frontier:
        """The frontier of a tree of ``size`` leaves that is stored elsewhere."""
        frontier = cls()
        frontier.size = size
        frontier._nodes = [get_hash(level, index) for level, index in _nodes(0, size)]
        return frontier

    def append(self, hash: bytes) -> None:
        """Add one leaf by its hash."""
        self.size += 1
        carries = self.size
        while not carries & 1:
            hash = sha256(b"\x01" + self._nodes.pop() + hash).digest()
            carries >>= 1
        self._nodes.append(hash)

    def extend(self, hashes: Iterable[bytes]) -> None:
        """Add leaves by their hashes."""
        for hash in hashes:
            self.append(hash)

    @property
    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return _joined(self._nodes)


def root_of(size: int, get_hash: GetHash) -> bytes:
    """The root of the tree of the first ``size`` leaves."""
    return _range(0, size, get_hash)


def inclusion_proof(index: int, size: int, get_hash: GetHash) -> list[bytes]:
    """Why leaf ``index`` is in the tree of ``size`` leaves: PATH of RFC 6962, section 2.1.1, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    proof, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_range(middle, high, get_hash))
            high = middle
        else:
            proof.append(_range(low, middle, get_hash))
            low = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, get_hash: GetHash) -> list[bytes]:
    """Why the tree of ``new`` leaves begins with that of ``old``: PROOF of RFC 6962, section 2.1.2.

    Empty where nothing needs a proof: both sizes are the same, or the old tree has no leaf.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not grow out of one of {old}")
    if old == 0:
        return []
    proof, low, high = [], 0, new
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_range(middle, high, get_hash))
            high = middle
        else:
            proof.append(_range(low, middle, get_hash))
            low = middle
    if low > 0:
        proof.append(_range(low, high, get_hash))
    return proof[::-1]


def verify_inclusion(hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows that the leaf with this hash is number ``index``, counted from 0, below ``root``.

    RFC 9162, section 2.1.3.2 (https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2).
    """
    if not 0 <= index < size or not _hashes(hash, *proof):
        return False
    place, last = index, size - 1
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            hash = node_hash(other, hash)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            hash = node_hash(hash, other)
        place >>= 1
        last >>= 1
    return last == 0 and hash == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether ``proof`` shows that the tree below ``new_root`` begins with the whole tree below ``old_root``.

    RFC 9162, section 2.1.4.2 (https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2). Every tree begins with
    the empty one.
    """
    if not 0 <= old <= new or not _hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root and (old > 0 or old_root == EMPTY)
    if old == 0:
        return not proof and old_root == EMPTY
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            second = node_hash(second, other)
        place >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Where a tile lies below the log: ``tile/0/x001/x234/067``, with ``.p/8`` after it if it has 8 hashes."""
    if not (0 <= level < 64 and index >= 0 and 0 < width <= TILE_WIDTH):
        raise ValueError(f"there is no tile {index} of level {level} with {width} hashes")
    path = f"{index % 1000:03}"
    while index := index // 1000:
        path = f"x{index % 1000:03}/{path}"
    return f"tile/{level}/{path}" + ("" if width == TILE_WIDTH else f".p/{width}")


def tile_width(level: int, index: int, size: int) -> int:
    """Hashes in a tile of a tree of ``size`` leaves; 0: it has no such tile."""
    return max(0, min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - index * TILE_WIDTH))


def tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of every tile of a tree of ``size`` leaves, lowest level first."""
    level = 0
    while (hashes := size >> TILE_HEIGHT * level) > 0:
        for index in range(-(-hashes // TILE_WIDTH)):
            yield level, index, tile_width(level, index, size)
        level += 1


def from_tiles(size: int, read_tile: Callable[[int, int, int], bytes]) -> GetHash:
    """The nodes of a tree of ``size`` leaves, computed from its tiles.

    ``read_tile`` gives the bytes of a tile by level, index and width: that width, or more of them. The last
    tile of every level is kept, because the next question is mostly about the same one.
    """
    kept: dict[int, tuple[int, bytes]] = {}

    def get_hash(level: int, index: int) -> bytes:
        tier, within = divmod(level, TILE_HEIGHT)
        first = index << within  # the node's leftmost hash, counted on the tiles' level
        tile, offset = divmod(first, TILE_WIDTH)
        width = tile_width(tier, tile, size)
        if offset + (1 << within) > width:
            raise ValueError(f"a tree of {size} leaves has no node {index} on level {level}")
        if tier not in kept or kept[tier][0] != tile:
            data = read_tile(tier, tile, width)
            if len(data) < width * HASH_SIZE:
                raise ValueError(
                    f"{tile_path(tier, tile, width)} has {len(data)} bytes, not {width * HASH_SIZE}"
                )
            kept[tier] = tile, data
        data = kept[tier][1]
        return root(
            data[place * HASH_SIZE : (place + 1) * HASH_SIZE] for place in range(offset, offset + (1 << within))
        )

    return get_hash


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _nodes(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The whole subtrees that make up the leaves from ``low`` to ``high``, a range that a split can yield."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _range(low: int, high: int, get_hash: GetHash) -> bytes:
    return _joined([get_hash(level, index) for level, index in _nodes(low, high)])


def _joined(nodes: Sequence[bytes]) -> bytes:
    """The hash over whole subtrees side by side, the largest first."""
    if not nodes:
        return EMPTY
    hash = nodes[-1]
    for left in nodes[-2::-1]:
        hash = node_hash(left, hash)
    return hash


def _hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_SIZE for value in values)
