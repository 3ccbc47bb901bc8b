"""What stands in the ledger of a corpus that an export depends on, or that its cards tell of: read once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.audit import checkpoints, ledger
from crawler.audit.entries import DECISION, ERASURE, RECHECK, REMOVAL, WITHDRAWAL
from crawler.corpus.holds import Holds
from crawler.corpus.withdrawal import Withdrawals
from crawler.export.made import Standing, Taken
from crawler.export.tally import ordered
from crawler.optout.codec import time_from_text
from crawler.optout.model import Outcome

if TYPE_CHECKING:
    from crawler.corpus.corpus import Corpus

CHANGING = frozenset({REMOVAL, WITHDRAWAL, RECHECK, ERASURE})
"""Entries that say that something is kept no more, or held back."""

_REFUSED = frozenset({Outcome.RESERVED.value, Outcome.UNDETERMINED.value})


def survey(corpus: Corpus) -> tuple[Standing, Holds]:
    """What the ledger says now. Raises ``Damaged``: without it nobody can tell what is withdrawn."""
    holds = Holds(corpus)
    considered: Counter[str] = Counter()
    reserved: Counter[str] = Counter()
    entries = removals = rechecks = 0
    rechecked_at: datetime | None = None
    for entry in corpus.entries():
        entries = entry.number
        kind, fields = entry.type, entry.fields
        if kind == DECISION:
            outcome = str(fields.get("outcome"))
            considered[outcome] += 1
            if outcome in _REFUSED:
                reserved.update({str(row["signal"]) for row in fields.get("grounds", ())})
        elif kind == RECHECK:
            holds.note(entry)
            rechecks, rechecked_at = rechecks + 1, time_from_text(fields["at"])
        elif kind == REMOVAL:
            removals += 1
    sealed = checkpoints.last(corpus.folder.ledger)
    standing = Standing(
        entries=entries,
        checkpoint=sealed[-1].data if sealed else None,
        checkpoint_size=sealed[-1].checkpoint.size if sealed else 0,
        considered=ordered(considered),
        reserved=ordered(reserved),
        removals=removals,
        withdrawals=tuple(Taken(at=one.at, items=one.items) for one in Withdrawals(corpus.index).all),
        rechecks=rechecks,
        rechecked_at=rechecked_at,
    )
    return standing, holds


def changed_since(corpus: Corpus, entries: int) -> bool:
    """Whether the ledger, of which that many entries were read, tells of anything that has left since."""
    return any(
        piece.entry(number).type in CHANGING
        for piece in ledger.pieces(corpus.folder.ledger)
        for number in range(max(piece.first, entries + 1), piece.first + len(piece.lines))
    )
