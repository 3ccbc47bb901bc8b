"""What an answer from the ledger rests on, and what it does not show."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit import checkpoints, salts
from crawler.audit.wording import count
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.audit.answer import Answer
    from crawler.corpus.corpus import Corpus


@dataclass(frozen=True, kw_only=True, slots=True)
class Seal:
    """A signed checkpoint. Whether its signature and root hold is for ``verify`` to say."""

    origin: str
    """Which log."""
    size: int
    """Entries under it."""
    root: str
    """Root hash, base64."""
    at: str | None
    """When it was signed, RFC 3339; None where it does not say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """How much of a ledger was looked through."""

    entries: int
    """Entries of the ledger."""
    seal: Seal | None = None
    """The latest checkpoint; None: there is none yet."""
    erased: int = 0
    """Entries that were erased on request and can be searched no more."""

    @property
    def unsealed(self) -> int:
        """Entries after the latest checkpoint."""
        return max(0, self.entries - (self.seal.size if self.seal else 0))


def scope_of(corpus: Corpus) -> Scope:
    """What an answer from ``corpus`` rests on now. Raises ``Damaged`` for a checkpoint that is none."""
    ledger = corpus.folder.ledger
    erased = sum(salt == salts.ERASED for salt in salts.walk(ledger))
    return Scope(entries=corpus.index.last_entry(), seal=_latest(ledger), erased=erased)


def absence(scope: Scope) -> str:
    """In words, among what it was looked for in vain: "not among the …"."""
    entries = f"the {scope.entries:,} decisions and other entries of the ledger"
    if scope.seal is None:
        return f"not among {entries}, which are under no checkpoint yet"
    seal = scope.seal
    sealed = f"not among the {seal.size:,} decisions and other entries under checkpoint {seal.origin}, "
    sealed += f"size {seal.size}, root {seal.root}" + (f", signed {seal.at}" if seal.at else "")
    if scope.unsealed:
        sealed += (
            f", nor among the {count(scope.unsealed, 'entry')} written since, which no checkpoint seals yet"
        )
    return sealed


def limits(answer: Answer) -> list[str]:
    """What the answer does not show, each in one or two sentences."""
    rows = [
        "It is taken from the ledger of this one corpus. Others, and other corpora of ours, have ledgers "
        "of their own.",
        "It goes by address. The same work at an address that was not asked about is not found; exactly "
        "the same "
        "file is, when its SHA-256 digest is asked for. Images are often served from another host.",
        "A ledger shows what was written into it, and that nothing was changed or taken out later. That "
        "everything was written into it follows only as far as the program that wrote it can be trusted.",
    ]
    if answer.scope.erased:
        rows.append(
            f"{count(answer.scope.erased, 'entry')} of the ledger erased on request cannot be searched any "
            "more."
        )
    if answer.scope.unsealed and answer.scope.seal is not None:
        rows.append(
            f"{count(answer.scope.unsealed, 'entry')} since the latest checkpoint can still be changed unseen."
        )
    return rows


def _latest(ledger: Path) -> Seal | None:
    for stored in checkpoints.last(ledger):
        checkpoint = stored.checkpoint
        return Seal(
            origin=checkpoint.origin,
            size=checkpoint.size,
            root=b64encode(checkpoint.root).decode(),
            at=None if checkpoint.at is None else time_to_text(checkpoint.at),
        )
    return None
