"""The ledger: every decision, kept or not, and what was removed since. It only ever grows.

::

    ledger/decisions-NNNNNN.zst   blocks of 1,024 entries        blocks
    ledger/tail.jsonl             the entries after them         tail
    ledger/salts.bin              a secret for every entry       salts
    ledger/tile/                  the tree over their hashes     tiles
    ledger/checkpoints            what was signed, and when      checkpoints
    ledger/checkpoint             the last of these

Reading needs no lock and may go on while a crawl writes. Writing is buffered until :meth:`Ledger.sync`. What a
crash leaves is put right when the ledger is next opened for writing (``settling``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crawler.audit import blocks, erasing
from crawler.audit import checkpoints as stored
from crawler.audit.blocks import BLOCK, FILE_LIMIT, STEM, SUFFIX
from crawler.audit.checkpoint import Checkpoint, sign_checkpoint
from crawler.audit.checkpoints import Stored, checkpoints
from crawler.audit.entries import ERASURE, KEY, Entry, Filter, format_entry
from crawler.audit.leaves import Leaf, leaves
from crawler.audit.pieces import Piece, Reader, count, pieces
from crawler.audit.salts import Salts, salted
from crawler.audit.settling import settle
from crawler.audit.tail import Tail
from crawler.audit.tiles import MissingTile, Tiles, complete
from crawler.corpus.errors import Damaged
from crawler.corpus.segments import Place, Segments
from crawler.optout.codec import decision_to_dict, time_to_text
from crawler.optout.model import Fault

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from crawler.audit.note import Signer
    from crawler.optout.model import Decision

__all__ = [
    "Entry",
    "Filter",
    "Leaf",
    "Ledger",
    "Piece",
    "Reader",
    "Stored",
    "checkpoints",
    "count",
    "entries",
    "leaves",
    "names",
    "pieces",
]

ORIGIN = "heedful"
"""First line of the checkpoints of a ledger that belongs to no corpus."""

_WAITING = 256  # full tiles that are held in memory while the tree is made again

Noted = Callable[[int, Mapping[str, Any]], None]
"""Told of every entry that is appended: its number and its fields."""
Sealed = Callable[[int, Place], None]
"""Told of every block that is on disk: its first entry and its place."""


def names(folder: Path) -> list[str]:
    """The ledger's files of blocks, oldest first."""
    return blocks.names(folder)


def entries(folder: Path, wanted: Filter | None = None) -> Iterator[Entry]:
    """Every entry of the ledger in ``folder`` that is ``wanted``, oldest first; raises ``Damaged``.

    Ends before a last line that has no LF yet. Lines that cannot match are not looked into.
    """
    for piece in pieces(folder):
        for number, line in enumerate(piece.lines, piece.first):
            if wanted is None or wanted.might(line):
                entry = piece.entry(number)
                if wanted is None or wanted.matches(entry):
                    yield entry


class Ledger:
    """The writing end; there must be no other."""

    def __init__(
        self,
        folder: Path,
        *,
        origin: str = ORIGIN,
        file_limit: int = FILE_LIMIT,
        noted: Noted | None = None,
        sealed: Sealed | None = None,
    ) -> None:
        """Opens the ledger and makes it whole after a crash; see ``settling``.

        ``origin``: first line of its checkpoints. Raises ``Damaged`` where anything is not as it was written,
        also where entries and tree are not those that the last checkpoint was signed over.
        """
        self.folder = folder
        self._origin = origin
        self._noted, self._sealed_one = noted, sealed
        stored.settle(folder)
        signed = stored.last(folder, 2)
        self._last = signed[-1] if signed else None
        found = settle(folder, promised=self.sealed_size)
        self.count = found.sealed + len(found.lines)
        """Entries so far, buffered ones included."""
        self._run = "-"
        self._salts = Salts(folder, self.count)
        self._tail = Tail(folder, found.lines)
        self._first = found.sealed + 1  # number of the entry in the tail's first line
        self._segments = Segments(folder, SUFFIX, limit=file_limit, resume=True)
        self._blocks: list[Place] = []  # buffered, their lines still in the tail
        self._finish_erasure()
        self._tiles = self._tree()
        if signed:
            self._tiles.tidy(*(one.checkpoint.size for one in reversed(signed)))

    @property
    def unsynced(self) -> int:
        """Bytes that are not on disk yet."""
        return self._salts.unsynced + self._tail.unsynced

    @property
    def sealed_size(self) -> int:
        """How many entries the last checkpoint was signed over."""
        return self._last.checkpoint.size if self._last is not None else 0

    def is_sealed(self, extensions: tuple[str, ...]) -> bool:
        """Whether the last checkpoint is signed over everything there is, and says this besides."""
        if self._last is None:
            return self.count == 0
        return self.count == self.sealed_size and self._last.checkpoint.extensions == extensions

    @property
    def root(self) -> bytes:
        """Root of the tree over all entries, buffered ones included."""
        return self._tiles.root

    def append(
        self,
        decision: Decision,
        *,
        run: str,
        item: Mapping[str, Any] | None = None,
        evidence: Iterable[Mapping[str, Any]] = (),
        reserved: Mapping[str, Any] | None = None,
        freed: Mapping[str, Any] | None = None,
    ) -> int:
        """Buffer a decision and return its entry number.

        ``item``: digest and size of what is kept because of it. ``evidence``: digest and time of the readings
        that were made for it. ``reserved``: marks of the bytes that it reserves. ``freed``: marks of
        those that its URL reserved before and does not any more.
        """
        fields = decision_to_dict(decision, compact=True)
        fields["run"] = run
        if item is not None:
            fields["item"] = dict(item)
        if rows := [dict(row) for row in evidence]:
            fields["evidence"] = rows
        if reserved is not None:
            fields["reserved"] = dict(reserved)
        if freed is not None:
            fields["freed"] = dict(freed)
        return self._append(fields)

    def append_other(self, kind: str, *, run: str, at: datetime, **fields: Any) -> int:
        """Buffer an entry that is no decision, such as a removal, and return its number."""
        return self._append({"type": kind, "run": run, "at": time_to_text(at), **fields})

    def sync(self) -> None:
        """Write and fsync what is buffered. An ``OSError`` names the file and leaves the rest buffered."""
        self._salts.sync()
        self._tail.sync()
        self._seal()

    def checkpoint(
        self, signer: Signer, at: datetime, *, extensions: tuple[str, ...] = ()
    ) -> Checkpoint | None:
        """Sign what the ledger is now; None: nothing is new since the last time. Durable on return.

        ``extensions``: what else the checkpoint says, line by line; another one is new, too. A key that did not
        sign the last one is put on record first. Raises ``Fault`` while anything is unsynced: what an entry
        rests on is to be on disk before it, and only the caller knows that.
        """
        if self.unsynced:
            raise Fault("a checkpoint was asked for before all entries were on disk")
        if self.is_sealed(extensions):
            return None
        vkey = signer.verifier
        if self._last is not None and all(
            (one.name, one.key_id) != (vkey.name, vkey.key_id) for one in self._last.note.signatures
        ):
            self.append_other(KEY, run=self._run, at=at, vkey=str(vkey))
            self.sync()
        checkpoint = Checkpoint(
            origin=self._origin, size=self.count, root=self.root, at=at, extensions=extensions
        )
        self._tiles.write()
        before = self.sealed_size
        stored.add(self.folder, sign_checkpoint(checkpoint, signer))
        self._last = stored.last(self.folder)[0]
        self._tiles.tidy(self.count, before)
        return checkpoint

    def erase(
        self,
        numbers: Sequence[int],
        *,
        reason: str,
        run: str,
        at: datetime,
        ready: Callable[[], None] = lambda: None,
        **carried: Any,
    ) -> int:
        """Take line and salt from these entries; returns the number of the entry that says so.

        ``carried``: what has to be remembered of them, see ``entries``. ``ready`` is called before anything is
        rewritten. Durable on return; what a crash interrupts is finished when the ledger is next opened. Raises
        ``Fault`` unless a checkpoint was signed over all of them: their hashes are then in tiles.
        """
        if self.unsynced or not numbers or not 0 < min(numbers) <= max(numbers) <= self.sealed_size:
            raise Fault("entries were to be erased that no checkpoint was signed over")
        erasing.begin(self.folder, numbers, self.count)
        number = self.append_other(ERASURE, run=run, at=at, entries=sorted(numbers), reason=reason, **carried)
        self.sync()
        ready()
        erasing.carry_out(self.folder, numbers, self._tail)
        self._segments = Segments(self.folder, SUFFIX, limit=self._segments.limit, resume=True)
        erasing.end(self.folder)
        return number

    def _append(self, fields: dict[str, Any]) -> int:
        number = fields["entry"] = self.count + 1
        line = format_entry(fields)
        self._tail.append(line)
        self._tiles.append(salted(self._salts.draw(), line[:-1]))
        self.count = number
        self._run = str(fields["run"])
        if self._noted is not None:
            self._noted(number, fields)
        return number

    def _seal(self) -> None:
        """Put full blocks of the tail, which is on disk, into their file, and begin the tail anew."""
        lines, done = self._tail.lines, self._blocks
        for start in range(len(done) * BLOCK, len(lines) - BLOCK + 1, BLOCK):
            frame = blocks.pack(lines[start : start + BLOCK])
            if not self._segments.room(len(frame)):
                self._segments.begin(STEM)
            done.append(self._segments.append(frame))
        if not done:
            return
        self._segments.sync()
        self._tail.drop(len(done) * BLOCK)
        for place in done:
            if self._sealed_one is not None:
                self._sealed_one(self._first, place)
            self._first += BLOCK
        done.clear()

    def _finish_erasure(self) -> None:
        """Do what is left of an erasure that a crash interrupted; if it was never told, nothing happened."""
        intent = erasing.intent(self.folder)
        if intent is None:
            return
        if self.count > intent.after:
            erasing.carry_out(self.folder, intent.entries, self._tail)
            self._segments = Segments(self.folder, SUFFIX, limit=self._segments.limit, resume=True)
        erasing.end(self.folder)

    def _tree(self) -> Tiles:
        """The tree over all entries; tiles that are missing are made again."""
        size = self.sealed_size
        try:
            if not complete(self.folder, size):
                raise MissingTile
            tiles = Tiles.resume(self.folder, size)
        except MissingTile:
            tiles = Tiles(self.folder)
        for leaf in leaves(self.folder, tiles.size + 1) if tiles.size < self.count else ():
            tiles.append(leaf.hash)
            if leaf.number == size:
                self._compare(tiles)
                tiles.write()
            elif leaf.number < size and tiles.waiting >= _WAITING:
                tiles.write_full()
        if tiles.size == size:
            self._compare(tiles)
        return tiles

    def _compare(self, tiles: Tiles) -> None:
        if self._last is not None and tiles.root != self._last.checkpoint.root:
            raise Damaged(
                f"{self.folder}: entries, salts or tiles are not those that the checkpoint over "
                f"{self._last.checkpoint.size} entries was signed over; heedful verify says where"
            )
