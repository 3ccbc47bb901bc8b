"""What a crash leaves of a ledger, and how it is made whole again.

Whatever is written goes to the disk in this order: salts, tail, block, tail anew. So a crash leaves at most

* salts without entries, which are cut off before the next are written,
* a last line of the tail that was not written to its end,
* a last block that was not written to its end, whose entries are all in the tail,
* entries in the tail that a block holds, too.

That is cut off or dropped, and said in the log. Everything else that is not as it was written is damage: it is
reported and nothing is touched.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit import blocks, salts, tail
from crawler.audit.blocks import BLOCK, Unwhole
from crawler.audit.entries import number_in, parse_entry
from crawler.corpus.disk import cut, replace_file
from crawler.corpus.errors import Damaged
from crawler.corpus.segments import serial_of
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A ledger that is whole."""

    sealed: int
    """Entries in blocks."""
    lines: list[bytes]
    """Those in the tail, each with its LF."""


@dataclass(slots=True)
class _Blocks:
    """What the block files hold."""

    sealed: int = 0
    torn: tuple[Path, int] | None = None
    """File and offset of what is no block at the end."""
    last: list[bytes] | None = None
    """The lines of the last one."""
    why: str = ""


def settle(folder: Path, *, promised: int) -> Settled:
    """Make the ledger in ``folder`` whole after a crash; raises ``Damaged``, and then has changed nothing.

    ``promised``: entries that the last checkpoint was signed over, which must be there.
    """
    found = _blocks(folder)
    lines, torn = tail.read(folder) or ([], b"")
    if torn and not tail.cut_short(torn):
        raise tail.damaged(folder, lines, len(lines), "it does not end where it should")
    drop = _overlap(folder, found, lines)
    count = found.sealed + len(lines) - drop
    if found.torn is not None and len(lines) - drop < BLOCK:
        raise blocks.damaged(*found.torn, found.why)
    if found.sealed and not (folder / tail.NAME).exists():
        raise Damaged(f"{folder / tail.NAME} is missing")
    if count < promised:
        raise Damaged(f"{folder} holds {count} entries, but its last checkpoint was signed over {promised}")
    if salts.stored(folder) < count:
        raise salts.missing(folder, salts.stored(folder) + 1)
    path = folder / tail.NAME
    if torn:
        _log.warning("%s: an entry that was not written to its end was cut off", path)
        cut(path, sum(map(len, lines)), keep=found.sealed > 0)  # blocks without a tail are damage
    if found.torn is not None:
        _log.warning("%s: a block that was not written to its end was cut off", found.torn[0])
        cut(*found.torn)
    if drop:
        _log.warning("%s: entries that are in blocks already were dropped", path)
        replace_file(path, b"".join(lines[drop:]))
    return Settled(sealed=found.sealed, lines=lines[drop:])


def _blocks(folder: Path) -> _Blocks:
    """Look at the last file of blocks: each for its length, the first and the last for what they hold."""
    names = blocks.names(folder)
    for serial, name in enumerate(names, 1):
        if serial_of(name) != serial:
            raise Damaged(f"{folder}: the file of blocks before {name} is missing")
    found = _Blocks()
    for file in reversed(names):
        first: list[bytes] | None = None
        held = end = 0
        before = last = None
        try:
            for place, frame in blocks.frames(folder, file):
                first = first or blocks.unpack(frame)
                before, last = last, (place, frame)
                held, end = held + 1, place.end
        except Unwhole as error:
            found.torn, found.why = (folder / file, end), str(error)
        if last is not None:
            place, frame = last
            try:
                found.last = blocks.unpack(frame)
            except Unwhole as error:
                if found.torn is not None:
                    raise blocks.damaged(folder / file, place.offset, str(error)) from error
                found.torn, found.why = (folder / file, place.offset), str(error)
                held, last = held - 1, before
                found.last = None if before is None else blocks.unpack(before[1])
        if first is not None and held:
            found.sealed = _number(folder / file, 0, first) - 1 + BLOCK * held
            break
        if file != names[-1] or (found.torn is None and (folder / file).stat().st_size):
            raise blocks.damaged(folder / file, 0, found.why or "it holds no block")
    if found.last is not None:
        number = _number(folder / file, end, found.last)
        if number != found.sealed - BLOCK + 1:
            raise blocks.damaged(folder / file, end, f"it begins with entry {number}")
    return found


def _number(path: Path, offset: int, lines: list[bytes]) -> int:
    try:
        return number_in(lines[0])
    except Malformed as error:
        raise blocks.damaged(path, offset, str(error)) from error


def _overlap(folder: Path, found: _Blocks, lines: list[bytes]) -> int:
    """How many lines at the beginning of the tail blocks hold already; raises ``Damaged`` for a wrong line."""
    if not lines:
        return 0
    try:
        first = number_in(lines[0])
    except Malformed as error:
        raise tail.damaged(folder, lines, 0, str(error)) from error
    for row, line in enumerate(lines):
        try:
            parse_entry(line[:-1], first + row)
        except Malformed as error:
            raise tail.damaged(folder, lines, row, str(error)) from error
    drop = found.sealed + 1 - first
    if drop < 0 or drop > len(lines) or drop % BLOCK:
        raise tail.damaged(folder, lines, 0, f"it says entry {first}, but it is entry {found.sealed + 1}")
    if drop and lines[drop - BLOCK : drop] != found.last:
        raise tail.damaged(folder, lines, 0, "the block of the same entries holds others")
    return drop
