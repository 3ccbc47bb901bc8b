"""What an export remembers of each shard, so that one that was interrupted goes on and a later one does little.

::

    .heedful/lock                 held while an export is made
    .heedful/<table>-NNNNN.json   the note of a shard: what it was made from, its files, what it holds
    .heedful/words-NNNNN.zst      words that wait to be grouped; see ``spool``

A note is a line of JSON and a line with its SHA-256, written when its shard is on disk. A shard whose note
gives the same inputs, and whose files still have the digests that the note gives, is not made again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from crawler.corpus.disk import replace_file
from crawler.export.columns import Table
from crawler.export.made import MadeFile, MadeShard, Spoilt
from crawler.export.tally import Tally
from crawler.text.model import PASSING, TRIES

FOLDER = ".heedful"
"""Where an export keeps what only itself needs."""

_NAME = re.compile(r"(text|images)-([0-9]{5,})\.json")
_CHUNK = 1 << 20


@dataclass(kw_only=True, slots=True)
class ShardNote:
    """What one shard was made from, and what came of it."""

    inputs: str
    """Digest of everything that the shard depends on."""
    files: tuple[MadeFile, ...] = ()
    """Its files; none if it has no rows."""
    tally: Tally = field(default_factory=Tally)
    """What its rows are."""
    empty: int = 0
    """Texts without words."""
    unread: dict[str, int] = field(default_factory=dict)
    """Texts that could not be read, by reason."""
    left: dict[str, int] = field(default_factory=dict)
    """Texts that turned out not to be asked for, by filter."""
    spoilt: list[Spoilt] = field(default_factory=list)
    """Items whose records are damaged, the first of them."""
    damaged: int = 0
    """How many these are in all."""
    tries: int = 0
    """How often it was made while a text could not be read for a reason that may pass."""

    @property
    def is_due(self) -> bool:
        """Whether it lacks something that another attempt may bring."""
        return self.damaged > 0 or (self._passing and self.tries < TRIES)

    @property
    def _passing(self) -> bool:
        return not PASSING.isdisjoint(self.unread)

    def attempted(self, before: ShardNote | None) -> None:
        """It was made now; ``before``: the note of the one that was there."""
        if self._passing:
            self.tries = 1 + (before.tries if before is not None and before.inputs == self.inputs else 0)

    def made(self, number: int) -> MadeShard:
        """The shard, for cards."""
        return MadeShard(number=number, rows=self.tally.rows, inputs=self.inputs, files=self.files)


class Notes:
    """The notes of one export folder."""

    def __init__(self, folder: Path) -> None:
        """``folder``: the export's."""
        self._export = folder
        self._folder = folder / FOLDER

    def read(self, table: Table, number: int) -> ShardNote | None:
        """The note of a shard; None: there is none that can be read."""
        try:
            said, _, digest = self._path(table, number).read_bytes().partition(b"\n")
            if digest != _sealed(said):
                return None
            return msgspec.json.decode(said, type=ShardNote)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def holds(self, note: ShardNote) -> bool:
        """Whether the files of a shard are there and are what they were."""
        return all(digest_of(self._export / file.path, file.bytes) == file.sha256 for file in note.files)

    def write(self, table: Table, number: int, note: ShardNote) -> None:
        """Write the note of a shard that is on disk."""
        said = msgspec.json.encode(note, order="sorted")
        replace_file(self._path(table, number), said + b"\n" + _sealed(said))

    def drop(self, table: Table, number: int) -> None:
        """Forget a shard, before its files go."""
        self._path(table, number).unlink(missing_ok=True)

    def numbers(self, table: Table) -> list[int]:
        """The shards of a table that have notes, in their order."""
        found = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted(int(match[2]) for match in found if match and match[1] == table.value)

    def every(self, tables: Iterable[Table]) -> Iterator[ShardNote]:
        """All notes, one at a time."""
        for table in tables:
            for number in self.numbers(table):
                note = self.read(table, number)
                if note is not None:
                    yield note

    def _path(self, table: Table, number: int) -> Path:
        return self._folder / f"{table.value}-{number:05d}.json"


def made_file(folder: Path, path: str) -> MadeFile:
    """A file of the export as it is on disk; an ``OSError`` names it."""
    place = folder / path
    size = place.stat().st_size
    digest = digest_of(place, size)
    if digest is None:
        raise FileNotFoundError(2, "it changed while it was read", str(place))
    return MadeFile(path=path, sha256=digest, bytes=size)


def _sealed(said: bytes) -> bytes:
    """The second line of a note, by which one that was changed shows."""
    return hashlib.sha256(said).hexdigest().encode() + b"\n"


def digest_of(path: Path, size: int) -> str | None:
    """SHA-256 of a file, hexadecimal; None: it is not there, or not of this size."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) != size:
                return None
            file.seek(0)
            for chunk in iter(partial(file.read, _CHUNK), b""):
                digest.update(chunk)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    return digest.hexdigest()
