"""How commands read a corpus: decisions and removals of its ledger, ready to be told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawler.audit.entries import DECISION, REMOVAL, Entry, Filter
from crawler.cli.story import Removed, Told
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import Damaged
from crawler.optout.codec import time_from_text
from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Malformed


def read_decisions(corpus: Path, wanted: Filter) -> Iterator[Told]:
    """The decisions of ``corpus`` that are ``wanted``, oldest first; raises ``CorpusError``."""
    with Corpus.read(corpus) as opened:
        for entry in opened.entries(wanted):
            if entry.type == DECISION:
                yield _told(entry)


def read_story(corpus: Path, url: str) -> list[Told | Removed]:
    """Everything the ledger holds about one URL, oldest first; raises ``CorpusError``."""
    told: list[Told | Removed] = []
    with Corpus.read(corpus) as opened:
        found = list(opened.entries(Filter(url=url)))
    for entry in found:
        if entry.type == DECISION:
            told.append(_told(entry))
        elif entry.type == REMOVAL:
            told.append(
                Removed(
                    at=time_from_text(str(entry.fields["at"])),
                    reason=str(entry.fields.get("reason", "")),
                    ticket=str(entry.fields.get("ticket") or ""),
                    entry=entry.number,
                    run=str(entry.fields["run"]),
                )
            )
    return told


def canonical(url: str) -> str:
    """A URL as the ledger writes it; one that cannot be read stays as it is, and will not be found."""
    try:
        return normalise_url(url)
    except Malformed:
        return url


def _told(entry: Entry) -> Told:
    try:
        return Told(decision=entry.decision, entry=entry.number, run=str(entry.fields["run"]))
    except Malformed as error:
        raise Damaged(f"ledger entry {entry.number} is damaged ({error})") from error
