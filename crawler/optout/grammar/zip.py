"""A ZIP archive by its central directory, within bounds.

PKWARE APPNOTE 6.3.10 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT) as far as EPUB uses it:
stored and deflated entries, no ZIP64, one volume. The archive stays in memory; no name in it is ever a path of
ours.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from crawler.optout.model import Malformed

DIRECTORY = 2 * 1024 * 1024
"""Bytes of the central directory. A book's has some ten thousand; unpacked, they take several times that."""

ENTRIES = 20_000
"""Entries of an archive."""

_END = b"PK\x05\x06"
_END_SIZE, _LONGEST_COMMENT = 22, 65_535
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Archive:
    """The entries of ``body``. Raises ``Malformed`` when it is no archive, or one that passes a bound."""

    def __init__(self, body: bytes) -> None:
        end = body.rfind(_END, max(0, len(body) - _END_SIZE - _LONGEST_COMMENT))
        if end < 0 or len(body) < end + _END_SIZE:
            raise Malformed("an archive without its end")
        count = int.from_bytes(body[end + 10 : end + 12], "little")
        size = int.from_bytes(body[end + 12 : end + 16], "little")
        if size > DIRECTORY or count > ENTRIES:
            raise Malformed("an archive with more entries than are read")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(body))
        except Exception as error:  # zipfile raises far more than its own error for bytes that are none
            raise Malformed(f"not an archive: {type(error).__name__}") from None
        self._entries = self._zip.infolist()
        if len(self._entries) > ENTRIES:
            raise Malformed("an archive with more entries than are read")

    @property
    def names(self) -> list[str]:
        """The names of the entries, in order; a name may be there twice."""
        return [entry.filename for entry in self._entries]

    @property
    def encrypted(self) -> bool:
        """Whether an entry needs a password (general purpose bit 0)."""
        return any(entry.flag_bits & 1 for entry in self._entries)

    def read(self, name: str, limit: int) -> list[bytes]:
        """The content of every entry called ``name``. Raises ``Malformed`` for one that cannot be read or is
        longer than ``limit`` bytes."""
        return [self._content(entry, limit) for entry in self._entries if entry.filename == name]

    def _content(self, entry: zipfile.ZipInfo, limit: int) -> bytes:
        if entry.flag_bits & 1:
            raise Malformed(f"{entry.filename[:100]!r} needs a password")
        if entry.compress_type not in _METHODS:
            raise Malformed(f"{entry.filename[:100]!r} is compressed by method {entry.compress_type}")
        try:
            with self._zip.open(entry) as file:
                content = file.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise Malformed(f"{entry.filename[:100]!r} cannot be read: {type(error).__name__}") from None
        if len(content) > limit:
            raise Malformed(f"{entry.filename[:100]!r} has more than {limit} bytes")
        return content
