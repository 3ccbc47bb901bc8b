"""How commands read a corpus: decisions and other entries of its ledger, ready to be told."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from crawler.audit.entries import DECISION, ERASED, Entry, Filter
from crawler.cli.story import Event, Told
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import Damaged
from crawler.corpus.withdrawal import Withdrawals
from crawler.optout.codec import time_from_text
from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Malformed

_COMPARED = 300
"""Letters of a URL that are compared with those of another; the time grows with their square."""


def read_decisions(corpus: Path, wanted: Filter) -> Iterator[Told]:
    """The decisions of ``corpus`` that are ``wanted``, oldest first; raises ``CorpusError``."""
    with Corpus.read(corpus) as opened:
        for entry in opened.entries(wanted):
            if entry.type == DECISION:
                yield _told(entry)


def read_story(corpus: Corpus, url: str) -> list[Told | Event]:
    """Everything the ledger holds about one URL, oldest first; raises ``CorpusError``.

    Withdrawals of its host, domain or a prefix are among it, which do not name it.
    """
    found = {entry.number: entry for entry in corpus.entries(Filter(url=url))}
    about = {}
    for one in Withdrawals(corpus.index).all:
        if covers := one.wish.covers(url):
            about[one.entry] = covers
            found.setdefault(one.entry, corpus.entry(one.entry))
    found = {number: entry for number, entry in found.items() if entry.type != ERASED}
    return [
        _told(entry) if entry.type == DECISION else _event(entry, about.get(number, ""))
        for number, entry in sorted(found.items())
    ]


def nearest(corpus: Corpus, url: str, most: int = 3) -> list[str]:
    """URLs of the same host that the ledger knows and that resemble ``url`` most, the most alike first."""
    from crawler.domains import host_of

    try:
        host = host_of(url)
    except ValueError:
        return []
    alike: dict[str, float] = {}
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(url[:_COMPARED])
    for entry in corpus.entries(Filter(host=host)) if host else ():
        for known in entry.urls:
            if known in alike:
                continue
            matcher.set_seq1(known[:_COMPARED])
            least = min(alike.values(), default=0.0) if len(alike) >= most else 0.0
            if matcher.real_quick_ratio() > least and matcher.quick_ratio() > least:
                alike[known] = matcher.ratio()
                if len(alike) > most:
                    del alike[min(alike, key=lambda one: alike[one])]
    return sorted(alike, key=lambda one: (-alike[one], one))


def canonical(url: str) -> str:
    """A URL as the ledger writes it; one that cannot be read stays as it is, and will not be found."""
    try:
        return normalise_url(url)
    except Malformed:
        return url


def _event(entry: Entry, about: str) -> Event:
    try:
        at, run = time_from_text(str(entry.fields["at"])), str(entry.fields["run"])
    except (KeyError, Malformed) as error:
        raise Damaged(f"ledger entry {entry.number} is damaged ({error})") from error
    return Event(type=entry.type, at=at, entry=entry.number, run=run, fields=entry.fields, about=about)


def _told(entry: Entry) -> Told:
    try:
        return Told(decision=entry.decision, entry=entry.number, run=str(entry.fields["run"]))
    except Malformed as error:
        raise Damaged(f"ledger entry {entry.number} is damaged ({error})") from error
