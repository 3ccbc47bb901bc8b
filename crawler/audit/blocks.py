"""Blocks: the older entries of a ledger, 1,024 at a time, compressed.

::

    decisions-NNNNNN.zst = frame*             each file at most 256 MB, in the order of their numbers
    frame                = zstd frame (RFC 8878) of 1,024 lines, with size of the content and checksum

Any zstd program restores the lines from the files. A block is written once, when its entries are on disk in
the tail already; so whatever a crash leaves of an unfinished one can be cut off, and nothing is lost.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crawler.corpus.errors import Damaged
from crawler.corpus.segments import Place, files

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

SUFFIX = ".zst"
STEM = "decisions"
BLOCK = 1024
"""Entries of a block."""
FILE_LIMIT = 256_000_000
"""Bytes of one file."""
PLAIN_LIMIT = 1 << 29
"""Bytes of a block's lines that are restored at most: no ledger of ours comes near."""

_OPTIONS: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: 9,
    zstd.CompressionParameter.checksum_flag: 1,
}
_CHUNK = 1 << 17


class Unwhole(Exception):
    """There is no whole block here; says why."""


def names(folder: Path) -> list[str]:
    """The files, oldest first."""
    return files(folder, SUFFIX)


def pack(lines: Sequence[bytes]) -> bytes:
    """The lines of one block, each with its LF, as a frame."""
    if len(lines) != BLOCK:
        raise ValueError(f"a block of {len(lines)} lines")
    return zstd.compress(b"".join(lines), options=_OPTIONS)


def unpack(frame: bytes) -> list[bytes]:
    """The inverse of :func:`pack`; raises :class:`Unwhole`."""
    try:
        size: int | None = zstd.get_frame_info(frame).decompressed_size
        if size is None or size > PLAIN_LIMIT:
            raise Unwhole(f"it claims {size} bytes of content")
        plain = zstd.decompress(frame)
    except zstd.ZstdError as error:
        raise Unwhole(_first_sentence(error)) from error
    lines = [line + b"\n" for line in plain.split(b"\n")[:-1]]
    if len(lines) != BLOCK or not plain.endswith(b"\n"):
        raise Unwhole(f"it holds {len(lines)} lines, not {BLOCK}")
    return lines


def frames(folder: Path, file: str, offset: int = 0) -> Iterator[tuple[Place, bytes]]:
    """The frames of one file from ``offset`` on, as they are stored; raises :class:`Unwhole` where none is."""
    with (folder / file).open("rb") as opened:
        opened.seek(offset)
        buffer = b""
        while True:
            size = _frame_size(opened, buffer)
            if size is None:
                return
            length, buffer = size
            yield Place(file=file, offset=offset, length=length), buffer[:length]
            buffer = buffer[length:]
            offset += length


def read(folder: Path, file: str, offset: int) -> list[bytes]:
    """The lines of the block at ``offset``; raises ``Damaged``."""
    try:
        for _, frame in frames(folder, file, offset):
            return unpack(frame)
    except (Unwhole, FileNotFoundError) as error:
        raise damaged(folder / file, offset, str(error)) from error
    raise damaged(folder / file, offset, "the file ends before it")


def damaged(path: Path, offset: int, why: str) -> Damaged:
    """What to raise for a block that is not as it was written."""
    return Damaged(f"{path}: the block at byte {offset} is damaged ({why})")


def _frame_size(opened: BinaryIO, buffer: bytes) -> tuple[int, bytes] | None:
    """Length of the frame that ``buffer`` begins, and the buffer with all of it; None: the file is over."""
    want = _CHUNK
    while True:
        if len(buffer) < want:
            more = opened.read(want - len(buffer))
            buffer += more
            if not buffer:
                return None
            over = not more
        else:
            over = False
        try:
            return zstd.get_frame_size(buffer), buffer
        except zstd.ZstdError as error:
            if over:
                raise Unwhole(_first_sentence(error)) from error
            want = len(buffer) * 2


def _first_sentence(error: Exception) -> str:
    return str(error).rpartition("Zstd error message: ")[2].partition(". ")[0].rstrip(".")
