"""The tiles of the tree: its hashes as files that any web server can hand out.

The layout is C2SP's tlog-tiles (https://c2sp.org/tlog-tiles), see :mod:`crawler.audit.merkle`. Entries are not
among them, because salts are private. Full tiles are written once. A partial one is there for the latest
checkpoint only; a fuller one, which begins with the same hashes, takes its place.

All tiles can be made again from entries and salts, except where an entry was erased: there the tile is the
record.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from crawler.audit import merkle
from crawler.audit.merkle import HASH_SIZE, TILE_HEIGHT, TILE_WIDTH, tile_path
from crawler.corpus.disk import TEMPORARY, naming, sync_folder, write_all
from crawler.corpus.errors import Damaged

if TYPE_CHECKING:
    from pathlib import Path

_FULL = TILE_WIDTH * HASH_SIZE


class MissingTile(Damaged):
    """A tile that is needed is not there, or not as long as it should be."""


def read(folder: Path, level: int, index: int, width: int, *, all: bool = False) -> bytes:
    """The first ``width`` hashes of a tile, from its file or a fuller one's; raises :class:`MissingTile`.

    ``all``: everything that the file holds.
    """
    full = folder / tile_path(level, index)
    partial = full.with_name(full.name + ".p")
    wider = [path for path in (partial.iterdir() if partial.is_dir() else ()) if path.name.isdigit()]
    wider.sort(key=lambda path: int(path.name))
    for path in (full, *(path for path in wider if int(path.name) >= width)):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        claimed = TILE_WIDTH if path == full else int(path.name)
        if len(data) != claimed * HASH_SIZE:
            raise MissingTile(f"{path} has {len(data)} bytes, not {claimed * HASH_SIZE}")
        return data if all else data[: width * HASH_SIZE]
    raise MissingTile(f"{folder / tile_path(level, index, width)} is missing")


def nodes(folder: Path, size: int) -> merkle.GetHash:
    """The nodes of the tree of the first ``size`` entries, for proofs; what it gives raises ``Damaged``."""
    return merkle.from_tiles(size, lambda level, index, width: read(folder, level, index, width))


def complete(folder: Path, size: int) -> bool:
    """Whether every tile of the tree of ``size`` entries is there; what is in them is not looked at."""
    known: dict[Path, set[str]] = {}
    for level, index, width in merkle.tiles(size):
        path = folder / tile_path(level, index, width)
        if path.parent not in known:
            known[path.parent] = {one.name for one in path.parent.glob("*")}
        if path.name not in known[path.parent]:
            try:
                read(folder, level, index, width)
            except MissingTile:
                return False
    return True


class Tiles:
    """The right edge of the tree, which grows, and what of it has to be written."""

    def __init__(self, folder: Path) -> None:
        """Of an empty tree; see :meth:`resume`."""
        self._folder = folder
        self._edges: list[bytearray] = [bytearray()]  # the hashes of the unfinished tile of every level
        self._full: dict[tuple[int, int], bytes] = {}
        self._stale: set[Path] = set()
        self.size = 0
        """Leaves so far."""

    @classmethod
    def resume(cls, folder: Path, size: int) -> Tiles:
        """Of the tree of ``size`` entries whose tiles are on disk; raises :class:`MissingTile`."""
        tiles = cls(folder)
        tiles.size = size
        tiles._edges = []
        level = 0
        while not level or size >> TILE_HEIGHT * level:
            index, width = divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)
            tiles._edges.append(bytearray(read(folder, level, index, width) if width else b""))
            level += 1
        tiles._stale = {(folder / path).parent for path in _partials(size)}
        return tiles

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return merkle.root_of(
            self.size, merkle.from_tiles(self.size, lambda level, *_: bytes(self._edges[level]))
        )

    @property
    def waiting(self) -> int:
        """Full tiles that are not on disk yet."""
        return len(self._full)

    def append(self, hash: bytes) -> None:
        """Add the hash of the next entry."""
        self.size += 1
        edges = self._edges
        level = 0
        edges[0] += hash
        while len(edges[level]) == _FULL:
            tile = bytes(edges[level])
            edges[level].clear()
            self._full[level, (self.size >> TILE_HEIGHT * (level + 1)) - 1] = tile
            level += 1
            if level == len(edges):
                edges.append(bytearray())
            edges[level] += merkle.root(tile[at : at + HASH_SIZE] for at in range(0, _FULL, HASH_SIZE))

    def write_full(self) -> None:
        """Write the full tiles that wait. Durable on return; an ``OSError`` names the file."""
        _write(self._folder, {tile_path(level, index): tile for (level, index), tile in self._full.items()})
        self._stale.update(self._folder / f"{tile_path(level, index)}.p" for level, index in self._full)
        self._full.clear()

    def write(self) -> None:
        """Write every tile of the tree that waits, partial ones too. Durable on return.

        Partial ones of earlier sizes stay until :meth:`tidy`. An ``OSError`` names the file.
        """
        self.write_full()
        partial = _partials(self.size)
        _write(self._folder, {path: bytes(self._edges[level]) for path, level in partial.items()})

    def tidy(self, size: int, *sizes: int) -> None:
        """Delete partial tiles but those of the tree of ``size`` entries.

        They are looked for where they were found or written last, and where trees of these ``sizes`` have them.
        """
        now = {self._folder / path for path in _partials(size)}
        earlier = {(self._folder / path).parent for size in sizes for path in _partials(size)}
        for parent in self._stale | earlier | {path.parent for path in now}:
            if parent.is_dir():
                for path in set(parent.iterdir()) - now:
                    path.unlink()
                if not any(path.parent == parent for path in now):
                    parent.rmdir()
        self._stale.clear()


def _partials(size: int) -> dict[str, int]:
    """The paths of the partial tiles of a tree of this size, each with its level."""
    found, level = {}, 0
    while size >> TILE_HEIGHT * level:
        index, width = divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)
        if width:
            found[tile_path(level, index, width)] = level
        level += 1
    return found


def _write(folder: Path, tiles: dict[str, bytes]) -> None:
    """Write those of these tiles that are not there, each whole or not at all. Durable on return."""
    temporary = folder / f"tile{TEMPORARY}"
    changed: set[Path] = set()
    for name, data in tiles.items():
        path = folder / name
        if path.exists():
            continue
        with naming(path):
            changed.update(_made(folder, path.parent))
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(temporary, flags, 0o666)
            try:
                write_all(descriptor, data)
                os.fsync(descriptor)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
            finally:
                os.close(descriptor)
            temporary.replace(path)
    for parent in changed:
        sync_folder(parent)


def _made(folder: Path, parent: Path) -> list[Path]:
    """Make the folder ``parent`` below ``folder``; returns the folders in which names have appeared."""
    changed, missing = [parent], parent
    while missing != folder and not missing.is_dir():
        missing = missing.parent
        changed.append(missing)
    parent.mkdir(parents=True, exist_ok=True)
    return changed
