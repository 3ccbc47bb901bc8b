"""Checkpoints: what the ledger was at one moment, signed, in five lines.

C2SP's tlog-checkpoint (https://c2sp.org/tlog-checkpoint), which is a :mod:`~crawler.audit.note` of this text::

    heedful/9f86d081884c7d659a2feaa0c55ad015      origin: which ledger
    20852163                                      size: how many entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=  root of the tree over them
    at 2026-11-22T10:00:00Z                       when it was signed, by the signer's clock
    manifest 2c26b46b68ffc68ff99b453c1d304134…    SHA-256 of heedful.json as it was then

The last two are extension lines of ours. Further ones, and none at all, are read too: checkpoints of others are
welcome.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.audit.merkle import HASH_SIZE
from crawler.audit.note import (
    BadSignature,
    Note,
    Signer,
    Verifier,
    decode64,
    encode64,
    parse_note,
    sign,
    signed_by,
)
from crawler.optout.model import Malformed

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_AT = re.compile(r"at [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """The ledger at one moment."""

    origin: str
    """Which ledger it is."""
    size: int
    """How many entries it has."""
    root: bytes
    """Root of the tree over them."""
    at: datetime | None = None
    """When it was signed, to the second; None: it does not say."""
    extensions: tuple[str, ...] = ()
    """Whatever else it says, line by line."""


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text that is signed. Raises ``ValueError`` for what could not be read again as a checkpoint."""
    lines = [checkpoint.origin, str(checkpoint.size), encode64(checkpoint.root)]
    if checkpoint.at is not None:
        lines.append(_at(checkpoint.at))
    text = "\n".join([*lines, *checkpoint.extensions, ""])
    parse_checkpoint(text)
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """The inverse of :func:`format_checkpoint`; raises ``Malformed``, saying what is wrong."""
    lines = text.split("\n")
    if lines.pop() or len(lines) < 3 or not all(lines):
        raise Malformed("a checkpoint has three lines or more, and none is empty")
    origin, size, root, *more = lines
    if not _SIZE.fullmatch(size) or int(size) >= 1 << 63:
        raise Malformed(f"{size!r:.40} is not the size of a ledger")
    hash = decode64(root)
    if len(hash) != HASH_SIZE:
        raise Malformed(f"the root hash has {len(hash)} bytes, not {HASH_SIZE}")
    at = None
    if more and more[0].startswith("at "):
        at = _parse_at(more.pop(0))
    return Checkpoint(origin=origin, size=int(size), root=hash, at=at, extensions=tuple(more))


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> bytes:
    """The checkpoint as a signed note."""
    return sign(format_checkpoint(checkpoint), *signers)


def open_checkpoint(
    data: bytes, verifiers: Iterable[Verifier], *, origin: str | None = None
) -> tuple[Checkpoint, tuple[Verifier, ...]]:
    """A checkpoint from a signed note, and which of these keys signed it.

    ``origin``: the ledger it has to be about; None: any. Raises ``Malformed`` for what is no checkpoint, and
    ``BadSignature`` if none of the keys signed it, if a signature does not fit or if it is about another
    ledger.
    """
    note = parse_note(data)
    signers = signed_by(note, verifiers)
    checkpoint = parse_checkpoint(note.text)
    if origin is not None and checkpoint.origin != origin:
        raise BadSignature(f"it is about the ledger {checkpoint.origin!r:.100}, not {origin!r:.100}")
    return checkpoint, signers


def read_unchecked(data: bytes) -> tuple[Checkpoint, Note]:
    """A checkpoint from a signed note whose signatures nobody has looked at; raises ``Malformed``."""
    note = parse_note(data)
    return parse_checkpoint(note.text), note


def split_checkpoints(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The signed notes of a file of many, each with the offset where it begins.

    Between two stands an empty line, and one follows the last. It is one note and its signatures, by turns,
    because a checkpoint has no empty line of its own. What is no whole note is yielded all the same, for the
    reader to refuse.
    """
    start = 0
    while start < len(data):
        text_end = data.find(b"\n\n", start)
        end = -1 if text_end < 0 else data.find(b"\n\n", text_end + 2)
        if end < 0:
            yield start, data[start:]
            return
        yield start, data[start : end + 1]
        start = end + 2


def _at(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return f"at {moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _parse_at(line: str) -> datetime:
    try:
        if _AT.fullmatch(line):
            return datetime.fromisoformat(line.removeprefix("at "))
    except ValueError:
        pass
    raise Malformed(f"{line!r:.60} is not a time such as at 2026-11-22T10:00:00Z")
