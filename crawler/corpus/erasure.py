"""Which entries of a ledger may be erased, and what of them stays.

Erasing is for what an entry says about somebody: its URL and the words quoted from it. It takes no content out;
while content is kept, the entries that say why it is kept stay. What a removal or a reservation does outlasts
its entry, without the URL (``erasure`` entries, see :mod:`crawler.audit.entries`).

A withdrawal keeps what it names from being collected again, so it goes only when its own number is given, and
with it the denial. Keys, time-stamps, runs and erasures are about nobody and stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.audit import ledger
from crawler.audit.entries import DECISION, ERASED, RECHECK, REMOVAL, WITHDRAWAL, Filter
from crawler.corpus.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from crawler.audit.entries import Entry
    from crawler.audit.note import Signer
    from crawler.corpus.corpus import Corpus

BY_URL = frozenset({DECISION, REMOVAL, RECHECK})
"""What is erased when a URL is given."""
BY_NUMBER = BY_URL | {WITHDRAWAL}
"""What is erased when its number is given."""


class CannotErase(CorpusError):
    """An entry that is to be erased has to stay; one sentence."""


def about(corpus: Corpus, url: str) -> list[Entry]:
    """The entries about ``url`` that go with it."""
    return [entry for entry in corpus.entries(Filter(url=url)) if entry.type in BY_URL]


def numbered(corpus: Corpus, numbers: Iterable[int]) -> list[Entry]:
    """These entries, without those that were erased before; raises :class:`CannotErase`."""
    assert corpus.ledger is not None
    found = []
    for number in sorted(set(numbers)):
        if not 0 < number <= corpus.ledger.count:
            raise CannotErase(f"there is no entry {number}: the ledger ends with entry {corpus.ledger.count}")
        entry = corpus.entry(number)
        if entry.type not in BY_NUMBER | {ERASED}:
            raise CannotErase(f"entry {number} is of the type {entry.type}, which says nothing about anybody")
        if entry.type != ERASED:
            found.append(entry)
    return found


def erase(
    corpus: Corpus, entries: Collection[Entry], *, reason: str, signer: Signer, run: str, at: datetime
) -> int:
    """Erase these entries; returns the number of the one that says so. Checkpoints are signed before and after.

    Raises :class:`CannotErase`, with nothing erased, where content is kept that one of them is about.
    """
    for entry in entries:
        for url in entry.urls if entry.type in BY_URL else ():
            if corpus.store.held(url) is not None:
                raise CannotErase(
                    f"entry {entry.number} is about {url}, of which content is kept: take that out first, "
                    "with heedful withdraw"
                )
    corpus.seal(signer, at)
    number = corpus.erase([entry.number for entry in entries], reason=reason, run=run, at=at)
    corpus.seal(signer, at)
    return number


def naming(corpus: Corpus, url: str) -> list[int]:
    """The entries that name ``url`` anywhere, as the page of an image, where a redirect led, in a quotation.

    Upper and lower case are not told apart.
    """
    wanted = Filter(url=url)
    return [
        number
        for piece in ledger.pieces(corpus.folder.ledger)
        for number, line in enumerate(piece.lines, piece.first)
        if wanted.might(line)
    ]
