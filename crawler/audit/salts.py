"""Salts: sixteen random bytes for every entry, without which its hash tells nothing about it.

::

    salts.bin = salt*         16 bytes each, that of entry n at byte 16 (n - 1)
    hash      = SHA-256(0x00 || salt || line)         the line without its LF; the 0x00 is RFC 6962's

A salt is on disk before its entry, so there may be more of them after a crash, never fewer. That of an erased
entry is overwritten by zeros: what the entry said can then not even be guessed and tried.
"""

from __future__ import annotations

import logging
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from crawler.corpus.disk import append_at, cut, naming, write_all
from crawler.corpus.errors import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NAME = "salts.bin"
SIZE = 16
ERASED = bytes(SIZE)
"""In the place of the salt of an erased entry."""

_log = logging.getLogger(__name__)
_POOL = 256  # salts drawn at once: a system call for each would cost more than the salt


def salted(salt: bytes, line: bytes) -> bytes:
    """The hash of an entry. ``line``: without its LF."""
    return sha256(b"\x00" + salt + line).digest()


def stored(folder: Path) -> int:
    """How many salts there are; of a torn one nothing is counted."""
    path = folder / NAME
    return path.stat().st_size // SIZE if path.exists() else 0


def walk(folder: Path, first: int = 1) -> Iterator[bytes]:
    """The salts from entry ``first`` on; ends with the file."""
    path = folder / NAME
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek((first - 1) * SIZE)
        while chunk := file.read(SIZE * 4096):
            yield from (chunk[at : at + SIZE] for at in range(0, len(chunk) - SIZE + 1, SIZE))


def read(folder: Path, number: int) -> bytes:
    """The salt of one entry; raises ``Damaged`` if it is missing."""
    for salt in walk(folder, number):
        return salt
    raise missing(folder, number)


def missing(folder: Path, number: int) -> Damaged:
    """What to raise when an entry has no salt."""
    return Damaged(f"{folder / NAME}: the salt of entry {number} (byte {(number - 1) * SIZE}) is missing")


def erase(folder: Path, numbers: Iterable[int]) -> None:
    """Overwrite the salts of these entries. Durable on return."""
    path = folder / NAME
    with naming(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            for number in numbers:
                os.lseek(descriptor, (number - 1) * SIZE, os.SEEK_SET)
                write_all(descriptor, ERASED)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Salts:
    """The writing end."""

    def __init__(self, folder: Path, count: int) -> None:
        """``count``: salts on disk that have entries; what a crash left beyond them is cut before the next."""
        self._path = folder / NAME
        self._count = count
        self._new: list[bytes] = []
        self._pool = b""

    @property
    def unsynced(self) -> int:
        """Bytes that are not on disk yet."""
        return len(self._new) * SIZE

    def draw(self) -> bytes:
        """The salt of the next entry."""
        if not self._pool:
            self._pool = os.urandom(SIZE * _POOL)
        salt, self._pool = self._pool[:SIZE], self._pool[SIZE:]
        self._new.append(salt)
        return salt

    def sync(self) -> None:
        """Write and fsync what was drawn. An ``OSError`` names the file and leaves it to be written again."""
        if self._new:
            if self._path.exists() and self._path.stat().st_size > self._count * SIZE:
                _log.warning("%s: salts whose entries were never written were cut off", self._path)
                cut(self._path, self._count * SIZE)
            append_at(self._path, self._count * SIZE, b"".join(self._new))
            self._count += len(self._new)
            self._new.clear()
