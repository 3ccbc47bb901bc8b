"""What was measured of the texts of a corpus, in ``measures.db`` beside them: languages and lengths.

Derived from the archive and nothing else; it can be deleted, and is made again by measuring again.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from crawler.corpus.items import Item

FILE = "measures.db"

VERSION = 2
"""Of the table; a file of another version is begun anew."""

BUSY = 30.0
"""Seconds to wait for another process that writes."""

_TABLE = """
CREATE TABLE IF NOT EXISTS measure (
    sha256 BLOB PRIMARY KEY, language TEXT, confidence REAL, characters INTEGER, bytes INTEGER, words INTEGER,
    extractor TEXT, failure TEXT, tries INTEGER
) WITHOUT ROWID
"""

_COLUMNS = ["sha256", "language", "confidence", "characters", "bytes", "words", "extractor", "failure", "tries"]
_INSERT = "INSERT OR REPLACE INTO measure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MOST = 2**40
# No text is as long as that, and sums of so many fit into a column.


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """What was measured of one text."""

    language: str | None
    """ISO 639 code, lower case; None: too little text to tell."""
    confidence: float | None
    """Of the language, 0 to 1; None when there is no language."""
    characters: int
    """Unicode code points of its main text."""
    bytes: int
    """Octets of its main text in UTF-8."""
    words: int
    """Words of its main text; in scripts without spaces between words, their letters."""
    extractor: str
    """Name and version of what read it."""
    failure: str | None = None
    """Why it could not be read, in our words; every number is 0 then. None: it could."""
    tries: int = 0
    """How often it could not be read for a reason that may pass, and another attempt is worth while; 0: none
    is."""


class Measures:
    """The measures of one corpus, by the digest of its content."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, writable: bool) -> None:
        """See :meth:`open` and :meth:`read`."""
        self._path = path
        self._db = connection
        self._writable = writable

    @classmethod
    def open(cls, folder: Path) -> Measures:
        """Those of the corpus ``folder``, to be added to.

        A file that is damaged or of another version is begun anew. Where nothing can be written, or something
        else than a file is in its place, what is noted lives as long as this object does. Raises ``OSError``
        when the disk is full.
        """
        path = folder / FILE
        if not _may_be_ours(path):
            return cls(path, _in_memory(), writable=False)
        try:
            return cls(path, _for_writing(path), writable=True)
        except sqlite3.OperationalError as error:
            _raise_full(error, path)
            return cls(path, _in_memory(path), writable=False)
        except sqlite3.DatabaseError:
            pass
        try:
            _discard(path)
            return cls(path, _for_writing(path), writable=True)
        except (OSError, sqlite3.OperationalError):
            return cls(path, _in_memory(path), writable=False)

    @classmethod
    def read(cls, folder: Path) -> Measures:
        """Those of the corpus ``folder``, to be looked at: no file is made or changed."""
        return cls(folder / FILE, _for_reading(folder / FILE) or _in_memory(), writable=False)

    def note(self, sha256: str, measure: Measure) -> None:
        """Take in what was measured of the content with this digest."""
        row = (
            bytes.fromhex(sha256), measure.language, measure.confidence, measure.characters, measure.bytes,
            measure.words, measure.extractor, measure.failure, measure.tries,
        )  # fmt: skip
        self._run(_INSERT, row)

    def of(self, sha256: str) -> Measure | None:
        """What was measured of the content with this digest; None: nothing yet, or nothing that can be so."""
        rows = self._run(
            "SELECT language, confidence, characters, bytes, words, extractor, failure, tries FROM measure"
            " WHERE sha256 = ?",
            (bytes.fromhex(sha256),),
        )
        if not rows:
            return None
        language, confidence, characters, size, words, extractor, failure, tries = rows[0]
        if not _is_measure(*rows[0]):
            return None
        return Measure(
            language=language,
            confidence=confidence,
            characters=characters,
            bytes=size,
            words=words,
            extractor=extractor,
            failure=failure,
            tries=tries,
        )

    def language(self, sha256: str) -> str | None:
        """The language of the content with this digest; None: not known, or not measured yet."""
        measure = self.of(sha256)
        return None if measure is None else measure.language

    def missing(self, items: Iterable[Item]) -> Iterator[Item]:
        """Those of ``items`` whose content was not measured yet, or could not be for now, each content once."""
        seen: set[str] = set()
        for item in items:
            if item.sha256 not in seen and ((known := self.of(item.sha256)) is None or known.tries):
                seen.add(item.sha256)
                yield item

    def prune(self, held: Iterable[Item]) -> int:
        """Forget everything that is of none of the items in ``held``; returns how many measures that were."""
        keep = {bytes.fromhex(item.sha256) for item in held}
        gone = [row for row in self._run("SELECT sha256 FROM measure") if row[0] not in keep]
        for row in gone:
            self._run("DELETE FROM measure WHERE sha256 = ?", row)
        self.commit()
        return len(gone)

    def commit(self) -> None:
        """Write what was noted. Raises ``OSError`` when the disk is full."""
        try:
            self._db.commit()
        except sqlite3.OperationalError as error:
            self._failed(error)

    def close(self) -> None:
        """Let go of the file; what was not committed is forgotten."""
        self._db.close()

    def __enter__(self) -> Measures:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            self._failed(error)
        except sqlite3.DatabaseError:  # its pages are spoilt
            self._db.close()
            self._db = self._anew()
            return self._db.execute(statement, values).fetchall()
        return []

    def _anew(self) -> sqlite3.Connection:
        if self._writable:
            with suppress(OSError, sqlite3.Error):
                _discard(self._path)
                return _for_writing(self._path)
        return _in_memory()

    def _failed(self, error: sqlite3.OperationalError) -> None:
        _raise_full(error, self._path)
        raise OSError(errno.EIO, str(error), str(self._path)) from error


def _for_writing(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY)
    try:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version != VERSION and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise sqlite3.DatabaseError("a table of another version")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_TABLE)
        if not _has_columns(connection):
            raise sqlite3.DatabaseError("a table with other columns")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.commit()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _for_reading(path: Path) -> sqlite3.Connection | None:
    """What is at ``path``; None: nothing that can be used."""
    connection: sqlite3.Connection | None = None
    if not _may_be_ours(path):
        return None
    with suppress(sqlite3.Error):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY)
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == VERSION and _has_columns(connection):
            connection.execute("SELECT tries FROM measure LIMIT 1").fetchall()
            return connection
    if connection is not None:
        connection.close()
    return None


def _may_be_ours(path: Path) -> bool:
    """Whether there is a file, or nothing: no link that leads elsewhere, no pipe that would be waited for."""
    return not path.is_symlink() and (path.is_file() or not path.exists())


def _has_columns(connection: sqlite3.Connection) -> bool:
    """Whether the table is as :data:`_TABLE` has it."""
    return [row[1] for row in connection.execute("PRAGMA table_info(measure)")] == _COLUMNS


def _is_measure(
    language: Any,
    confidence: Any,
    characters: Any,
    size: Any,
    words: Any,
    extractor: Any,
    failure: Any,
    tries: Any,
) -> bool:
    """Whether these are values as they are noted here."""
    return (
        (language is None or (isinstance(language, str) and _LANGUAGE.fullmatch(language) is not None))
        and isinstance(confidence, float | None)
        and all(isinstance(number, int) and 0 <= number <= _MOST for number in (characters, size, words, tries))
        and isinstance(extractor, str)
        and isinstance(failure, str | None)
    )


def _in_memory(path: Path | None = None) -> sqlite3.Connection:
    """A copy of what is at ``path``; without one that can be used, nothing."""
    memory = sqlite3.connect(":memory:")
    memory.execute(_TABLE)
    source = None if path is None else _for_reading(path)
    if source is not None:
        with suppress(sqlite3.Error):
            rows = source.execute("SELECT * FROM measure")
            memory.executemany(_INSERT, rows)
        source.close()
    memory.commit()
    return memory


def _discard(path: Path) -> None:
    for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _raise_full(error: sqlite3.OperationalError, path: Path) -> None:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        raise OSError(errno.ENOSPC, str(error), str(path)) from error
