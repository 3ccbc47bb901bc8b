"""The files of an export against ``SHA256SUMS``: each is there with its digest, and there is no other.

What is found is kept in a temporary database, so that an export of a million pictures takes no more memory than
one of a thousand. Nothing is opened that is not a regular file, and no link is followed.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from crawler.audit.verify.findings import Findings
from crawler.export.cards import sums
from crawler.export.notes import FOLDER

FREE = frozenset({FOLDER})
"""What is not listed: what only the next export into the folder needs."""

STRANGE = frozenset({".cache", ".git", ".gitattributes", ".huggingface"})
"""What the tools leave that datasets are published and fetched with. It is no part of the dataset."""

_CHUNK = 1 << 20
_TABLES = """
CREATE TABLE there (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE listed (path BLOB PRIMARY KEY, sha256 TEXT, sound INTEGER) WITHOUT ROWID;
"""


class Listing:
    """The files of one export."""

    def __init__(self, folder: Path, findings: Findings) -> None:
        """Nothing is looked at yet; see :meth:`read`."""
        self._folder = folder
        self._findings = findings
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    def read(self) -> None:
        """Look at every file; what does not hold is told to the findings."""
        for path in self._walk(self._folder, ""):
            self._db.execute("INSERT INTO there VALUES (?)", (os.fsencode(path),))
        if not self._is_there(sums.FILE):
            self._findings.add("it is missing: nothing says which files there should be", file=sums.FILE)
            return
        try:
            with (self._folder / sums.FILE).open("rb") as file:
                for path, digest in sums.read(file):
                    self._compare(path, digest)
        except ValueError as error:
            self._findings.add(f"it cannot be read: {error}", file=sums.FILE)
        for (path,) in self._db.execute("SELECT path FROM there WHERE path NOT IN (SELECT path FROM listed)"):
            if (name := os.fsdecode(path)) != sums.FILE:
                self._findings.add(f"{sums.FILE} does not list it", file=name)

    def digest(self, path: str) -> str | None:
        """The digest of a file that is there and has the bytes that it is listed with; None: it is not."""
        found = self._db.execute(
            "SELECT sha256 FROM listed WHERE path = ? AND sound", (os.fsencode(path),)
        ).fetchone()
        return None if found is None else str(found[0])

    def is_listed(self, path: str) -> bool:
        """Whether it is listed, with whatever digest."""
        found = self._db.execute("SELECT 1 FROM listed WHERE path = ?", (os.fsencode(path),))
        return found.fetchone() is not None

    def listed(self, *parts: str) -> Iterator[tuple[str, str]]:
        """Path and digest of what is listed below these folders."""
        for part in parts:
            begin = os.fsencode(part + "/")
            rows = self._db.execute(
                "SELECT path, sha256 FROM listed WHERE path > ? AND path < ? ORDER BY path",
                (begin, begin[:-1] + b"0"),  # 0 comes after /
            )
            yield from ((os.fsdecode(path), str(digest)) for path, digest in rows)

    def _compare(self, path: str, digest: str) -> None:
        if self.is_listed(path):
            self._findings.add(f"{sums.FILE} lists it twice", file=path)
            return
        sound = False
        if not self._is_there(path):
            self._findings.add(f"{sums.FILE} lists it, and it is not there", file=path)
        elif self._digest(self._folder / path) == digest:
            sound = True
            self._findings.counts["files"] += 1
        else:
            self._findings.add(f"its bytes have another digest than {sums.FILE} says", file=path)
        self._db.execute("INSERT INTO listed VALUES (?,?,?)", (os.fsencode(path), digest, sound))

    def _is_there(self, path: str) -> bool:
        found = self._db.execute("SELECT 1 FROM there WHERE path = ?", (os.fsencode(path),))
        return found.fetchone() is not None

    def _digest(self, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            for chunk in iter(partial(file.read, _CHUNK), b""):
                digest.update(chunk)
                self._findings.counts["bytes"] += len(chunk)
        return digest.hexdigest()

    def _walk(self, folder: Path, below: str) -> Iterator[str]:
        """The paths of regular files; anything else but folders is told to the findings."""
        with os.scandir(folder) as scanned:
            found = sorted(scanned, key=lambda one: os.fsencode(one.name))
        for one in found:
            path = below + one.name
            if path in FREE:
                continue
            if path in STRANGE:
                self._findings.note(f"{path} is no part of an export, and was not looked at")
            elif one.is_symlink():
                self._findings.add("it is a link: what it leads to is outside the export", file=path)
            elif one.is_dir():
                yield from self._walk(folder / one.name, path + "/")
            elif stat.S_ISREG(one.stat(follow_symlinks=False).st_mode):
                yield path
            else:
                self._findings.add("it is neither a file nor a folder", file=path)
