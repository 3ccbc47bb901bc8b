"""The checkpoints of a ledger: every one that was signed, and the latest by itself.

::

    checkpoints = (signed note LF)*           in their order
    checkpoint  = signed note                 the last of them, for who wants only that

``checkpoints`` is written first, so it is never behind.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit.checkpoint import Checkpoint, read_unchecked, split_checkpoints
from crawler.corpus.disk import append_at, cut, replace_file
from crawler.corpus.errors import Damaged
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.audit.note import Note

EVERY = "checkpoints"
LATEST = "checkpoint"

_log = logging.getLogger(__name__)
_END = 1 << 16  # bytes in which the last notes are looked for; ours have 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A checkpoint as it is stored. Nobody has looked at its signatures."""

    offset: int
    """Bytes of ``checkpoints`` before it."""
    data: bytes
    """The signed note."""
    checkpoint: Checkpoint
    """What it says."""
    note: Note
    """Its text and who claims to have signed it."""


def checkpoints(folder: Path) -> Iterator[Stored]:
    """The checkpoints of the ledger in ``folder``, oldest first; raises ``Damaged`` for what is none.

    Ends before a last one that was not written to its end.
    """
    try:
        data = (folder / EVERY).read_bytes()
    except FileNotFoundError:
        return
    yield from _stored(folder, data[: _whole(data)], 0)


def last(folder: Path, count: int = 1) -> list[Stored]:
    """The last ``count`` checkpoints, oldest first; raises ``Damaged``. The others are not looked at."""
    start, data = _end(folder / EVERY)
    return list(_stored(folder, data[: _whole(data)], start))[-count:]


def add(folder: Path, data: bytes) -> None:
    """Put a signed note behind the others. Durable on return; an ``OSError`` names the file."""
    path = folder / EVERY
    append_at(path, path.stat().st_size if path.exists() else 0, data + b"\n")
    replace_file(folder / LATEST, data)


def settle(folder: Path) -> None:
    """Cut off a checkpoint that was not written to its end, and have the latest by itself again.

    Raises ``Damaged`` if the latest by itself is neither the last that was kept nor the one before.
    """
    path, alone = folder / EVERY, folder / LATEST
    start, data = _end(path)
    whole = _whole(data)
    newest = list(_stored(folder, data[:whole], start))[-2:]
    found = alone.read_bytes() if alone.exists() else None
    if found is not None and found not in [one.data for one in newest]:
        raise Damaged(f"{alone} is not the last checkpoint in {path}: one of them was cut, set back or damaged")
    if whole < len(data):
        _log.warning("%s: a checkpoint that was not written to its end was cut off", path)
        cut(path, start + whole)
    if newest and found != newest[-1].data:
        replace_file(alone, newest[-1].data)


def _end(path: Path) -> tuple[int, bytes]:
    """The last notes of the file, whole from their beginning, and the offset where they begin."""
    try:
        with path.open("rb") as file:
            start = max(0, file.seek(0, 2) - _END)
            file.seek(start)
            data = file.read()
    except FileNotFoundError:
        return 0, b""
    begin = _boundary(data) if start else 0
    return start + begin, data[begin:]


def _stored(folder: Path, data: bytes, start: int) -> Iterator[Stored]:
    for offset, note in split_checkpoints(data):
        try:
            checkpoint, parsed = read_unchecked(note)
        except Malformed as error:
            raise Damaged(
                f"{folder / EVERY}: the checkpoint at byte {start + offset} is damaged ({error})"
            ) from error
        yield Stored(offset=start + offset, data=note, checkpoint=checkpoint, note=parsed)


def _whole(data: bytes) -> int:
    """Bytes up to the end of the last note that was written to its end: after signatures and an empty line."""
    end = len(data)
    while end and not (data.endswith(b"\n\n", 0, end) and _signed(data, end)):
        end = data.rfind(b"\n\n", 0, end - 1) + 2 if b"\n\n" in data[: end - 1] else 0
    return end


def _signed(data: bytes, end: int) -> bool:
    """Whether the line before the empty line that ends here is a signature."""
    return data[data.rfind(b"\n", 0, end - 2) + 1 : end].startswith("— ".encode())


def _boundary(data: bytes) -> int:
    """Where the first note begins whose beginning is in ``data``; ``data`` begins inside an earlier one."""
    at = 0
    while (at := data.find(b"\n\n", at)) >= 0:
        at += 2
        if _signed(data, at):
            return at
    return len(data)
