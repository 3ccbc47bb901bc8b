"""Texts that are nearly the same, found by their sketches.

A sketch is a MinHash signature of :data:`PERMUTATIONS` values: two texts agree in as large a share of them as
their sets of shingles overlap (their Jaccard similarity), give or take 0.035 (A. Broder, "On the resemblance
and containment of documents", 1997). To compare all with all is out of the question, hence locality-sensitive
hashing (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", §3.4): :data:`BANDS` bands of :data:`ROWS`
values, and only texts that agree in a whole band are compared. Of pairs with similarity s, the share that is
compared is 1 - (1 - s^6)^21:

====  ======
s     share
====  ======
0.3   0.015
0.5   0.282
0.6   0.634
0.7   0.928
0.8   0.998
0.9   1.000
====  ======

What is compared belongs together when the sketches agree in :data:`LIKE` of the values or more. The curve is
chosen so that little is missed: what it offers in vain costs only that comparison.

A group is whatever hangs together: where A is like B and B like C, A and C are in one group.
"""

from __future__ import annotations

import errno
import hashlib
import math
import sqlite3
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from operator import eq, itemgetter
from pathlib import Path
from types import TracebackType

from crawler.export.model import KEY

PERMUTATIONS = 128
"""Values of a sketch: unsigned integers of 32 or 64 bits, little-endian."""

LIKE = 0.8
"""Share of values in which the sketches of nearly equal texts agree."""

BANDS = 21
"""Bands of a sketch; two values at its end are in none."""

ROWS = 6
"""Values of a band."""

NEIGHBOURS = 128
"""With how many others a text is compared in a bucket, which is what agrees in one band. Up to one more than
that, all are compared with all. A larger bucket is put in the order of the values behind the band, so that the
like are near each other, and each is compared with those before it; every band orders them anew. It bounds the
work on pages that share a frame and nothing else."""

_AGREEING = math.ceil(LIKE * PERMUTATIONS)
_SHIFT = 5  # bits that a band's number takes in a key
_TABLES = """
CREATE TABLE shapes (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, sketch BLOB NOT NULL);
CREATE TABLE texts (entry INTEGER PRIMARY KEY, shape INTEGER NOT NULL);
CREATE TABLE bands (key INTEGER NOT NULL, shape INTEGER NOT NULL);
CREATE TABLE members (entry INTEGER PRIMARY KEY, first INTEGER NOT NULL);
"""


class NearGroups:
    """Groups of nearly equal texts: all are added, then the groups are settled, then they can be asked.

    They depend on what was added and not on the order. Everything waits in a temporary database at ``path``
    (None: wherever SQLite puts its temporary files), about 1.5 KB a text, which goes when this is closed.
    Memory grows only while the groups are settled, by 13 bytes for each different sketch.

    Where the disk is full or fails, ``OSError`` names the file.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._width = 0  # bytes of a value, once the first sketch has told
        self._settled = False
        with self._naming():
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)  # left behind by a crash
            self._database = sqlite3.connect("" if path is None else path, isolation_level=None)
            try:
                # nothing in it outlives this process, so that nothing of it needs to survive a crash
                for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16384"):
                    self._database.execute(f"PRAGMA {pragma}")
                self._database.executescript(_TABLES)
                self._database.execute("BEGIN")
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> NearGroups:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the database go."""
        self._database.close()
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def add(self, entry: int, sketch: bytes) -> None:
        """One text by the ledger entry of the decision to keep it, once.

        ``ValueError`` for an entry that is there already, and for what is no sketch of :data:`PERMUTATIONS`
        values like those before it.
        """
        if self._settled:
            raise RuntimeError("the groups are settled")
        width = len(sketch) // PERMUTATIONS
        if len(sketch) % PERMUTATIONS or width not in (4, 8) or width != (self._width or width):
            raise ValueError(f"{len(sketch)} bytes are no sketch of {PERMUTATIONS} values")
        self._width = width
        digest = hashlib.blake2b(sketch, digest_size=16).digest()
        with self._naming():
            if self._database.execute("SELECT 1 FROM texts WHERE entry = ?", (entry,)).fetchone():
                raise ValueError(f"entry {entry} was added before")
            known = self._database.execute("SELECT id FROM shapes WHERE digest = ?", (digest,)).fetchone()
            shape = known[0] if known else self._add_shape(digest, sketch)
            self._database.execute("INSERT INTO texts VALUES (?, ?)", (entry, shape))

    def settle(self) -> None:
        """Find the groups. Nothing can be added afterwards."""
        if self._settled:
            return
        with self._naming():
            shapes: int = self._database.execute("SELECT coalesce(max(id), 0) FROM shapes").fetchone()[0]
            sets = _Sets(shapes + 1)
            agree = self._database.execute("SELECT key, shape FROM bands ORDER BY key")
            for key, bucket in groupby(agree, itemgetter(0)):
                self._unite(sets, key & ((1 << _SHIFT) - 1), [shape for _, shape in bucket])
            self._name(sets)
        self._settled = True

    def of(self, entry: int) -> str | None:
        """The group of a text, the name of its first member; None for a text that is alone or was not added."""
        if not self._settled:
            raise RuntimeError("the groups are not settled yet")
        with self._naming():
            found = self._database.execute("SELECT first FROM members WHERE entry = ?", (entry,)).fetchone()
        return format(found[0], KEY) if found else None

    def _add_shape(self, digest: bytes, sketch: bytes) -> int:
        shape = self._database.execute(
            "INSERT INTO shapes (digest, sketch) VALUES (?, ?)", (digest, sketch)
        ).lastrowid
        assert shape is not None
        size = ROWS * self._width
        self._database.executemany(
            "INSERT INTO bands VALUES (?, ?)",
            ((_key(band, sketch[band * size : (band + 1) * size]), shape) for band in range(BANDS)),
        )
        return shape

    def _unite(self, sets: _Sets, band: int, bucket: Sequence[int]) -> None:
        """Put together those of a bucket that are like each other."""
        if len({sets.of(shape) for shape in bucket}) < 2:
            return
        behind = (band + 1) * ROWS * self._width
        order = []
        for shape in bucket:
            digest, sketch = self._shape(shape)
            order.append((sketch[behind : behind + 32], digest, shape))
        before: deque[tuple[int, list[int]]] = deque(maxlen=NEIGHBOURS)
        for _, _, shape in sorted(order):
            values = memoryview(self._shape(shape)[1]).cast("I" if self._width == 4 else "Q").tolist()
            for other, others in before:
                if sets.of(shape) != sets.of(other) and sum(map(eq, values, others)) >= _AGREEING:
                    sets.unite(shape, other)
            before.append((shape, values))

    def _shape(self, shape: int) -> tuple[bytes, bytes]:
        """Digest and sketch."""
        found: tuple[bytes, bytes] = self._database.execute(
            "SELECT digest, sketch FROM shapes WHERE id = ?", (shape,)
        ).fetchone()
        return found

    def _name(self, sets: _Sets) -> None:
        """Note the members of groups of two texts and more, each with the first of its group."""
        texts = bytearray(len(sets))  # of each set: none, one, or more
        first = array("q", bytes(8 * len(sets)))
        for entry, shape in self._database.execute("SELECT entry, shape FROM texts ORDER BY entry"):
            root = sets.of(shape)
            if not texts[root]:
                first[root] = entry
            texts[root] = min(texts[root] + 1, 2)
        self._database.executemany(
            "INSERT INTO members VALUES (?, ?)",
            (
                (entry, first[root])
                for entry, shape in self._database.execute("SELECT entry, shape FROM texts ORDER BY entry")
                if texts[root := sets.of(shape)] == 2
            ),
        )

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """What SQLite says of the disk, as an ``OSError`` that names the file."""
        try:
            yield
        except sqlite3.Error as error:
            number = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO}.get(
                getattr(error, "sqlite_errorcode", 0) & 0xFF
            )
            if number is None:
                raise
            raise OSError(number, " ".join(str(error).split()), str(self._path or "temporary files")) from error


class _Sets:
    """Which numbers are in one set (union-find, by size of number: the smallest stands for the set)."""

    def __init__(self, size: int) -> None:
        self._above = array("I", range(size))

    def __len__(self) -> int:
        return len(self._above)

    def of(self, one: int) -> int:
        """The number that stands for its set."""
        above = self._above
        while above[one] != one:
            above[one] = one = above[above[one]]
        return one

    def unite(self, one: int, other: int) -> None:
        """Make one set of theirs."""
        low, high = sorted((self.of(one), self.of(other)))
        self._above[high] = low


def _key(band: int, values: bytes) -> int:
    """A number for the values of a band, which ends in the band's own, in the 64 bits that SQLite has."""
    digest = int.from_bytes(hashlib.blake2b(values, digest_size=8).digest(), "little", signed=True)
    return (digest >> _SHIFT << _SHIFT) | band
