"""The tables of an evidence pack: what a ledger says of decisions, rechecks, withdrawals, removals, erasures.

Each row names the ledger entry that it is taken from. What was erased is in none of them. Rows come one at a
time, so that memory does not grow with the corpus.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from crawler.audit.entries import ERASURE, REMOVAL, WITHDRAWAL, Filter
from crawler.audit.report.census import TITLES
from crawler.audit.wording import reason
from crawler.corpus.errors import Damaged
from crawler.corpus.holds import RECHECK
from crawler.corpus.withdrawal import Wish

if TYPE_CHECKING:
    from crawler.audit.entries import Entry
    from crawler.audit.report.cells import Cell
    from crawler.audit.report.census import Census
    from crawler.corpus.corpus import Corpus

Rows = Iterator[tuple["Cell", ...]]
"""The rows of a table."""

DECISIONS = (
    "entry", "at", "url", "kind", "state", "outcome", "collected", "stage", "why", "grounds", "licence",
    "sha256", "removal", "first", "decisions",
)  # fmt: skip
"""The last decision about each URL: its entry and time, what it is, what became of it, and on what grounds;
digests of what is held, the entry that removed what was; when it was first decided about, and how often."""
RECHECKS = ("entry", "at", "run", "about", "name", "state", "stage", "counts", "grounds", "since")
"""What a recheck found out about a site (``origin``) or about one URL."""
WITHDRAWALS = ("entry", "at", "ticket", "reason", "asked for", "items", "removals")
"""What was asked to be taken out, and how much that was."""
REMOVALS = ("entry", "at", "withdrawal", "ticket", "reason", "sha256", "url")
"""What was held and is gone, a row for each URL; ``withdrawal``: the entry that asked for it."""
ERASURES = ("entry", "at", "erased entries", "reason")
"""Which entries say no more, and why."""

SHOWN = 4
"""Grounds that are told of one decision."""
EXCERPT = 160
"""Characters of the words that a ground quotes."""

_DECISIONS = """
SELECT page.entry, last, page.url, state.kind, state, outcome, collect, stage, reasons, grounds, licence,
  (SELECT group_concat(sha256, ' ') FROM (SELECT sha256 FROM held WHERE held.url = page.url ORDER BY entry)),
  (SELECT max(removed) FROM copy WHERE copy.url = page.url AND NOT lost), first, decisions
FROM page JOIN state USING (url) ORDER BY page.entry
"""


def decisions(census: Census) -> Rows:
    """The last decision about each URL, in the order of the ledger."""
    for row in census.database.execute(_DECISIONS):
        entry, at, url, kind, state, outcome, collect, stage, reasons, grounds, *rest = row
        collected = "yes" if collect else "no"
        told = brief(json.loads(grounds))
        yield entry, at, url, kind, state, outcome, collected, stage, _worded(reasons), told, *rest


def rechecks(corpus: Corpus, last: int) -> Rows:
    """What rechecks found out, up to ledger entry ``last``. Raises ``Damaged``, as all of these do."""
    return _told(corpus, RECHECK, last, _recheck)


def withdrawals(corpus: Corpus, last: int) -> Rows:
    """What was asked to be taken out."""
    return _told(corpus, WITHDRAWAL, last, _withdrawal)


def removals(corpus: Corpus, last: int) -> Rows:
    """What is gone, a row for each URL."""
    return _told(corpus, REMOVAL, last, _removal)


def erasures(corpus: Corpus, last: int) -> Rows:
    """Which entries were erased."""
    return _told(corpus, ERASURE, last, _erasure)


def brief(grounds: Iterable[Mapping[str, Any]]) -> str:
    """What a decision rests on, in one cell: each ground with the place and the words it was read from."""
    rows = list(grounds)
    told = [
        f"{row['signal']} ({row['basis']}) {row['preference']} {row['purpose']}, {row['carrier']} "
        f"{row['locator']} of {row['source']}: {_cut(str(row['excerpt']))}"
        for row in rows[:SHOWN]
    ]
    return " | ".join([*told, *([f"and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else [])])


def _told(corpus: Corpus, kind: str, last: int, told: Callable[[Entry], Rows]) -> Rows:
    for entry in takewhile(lambda entry: entry.number <= last, corpus.entries(Filter(type=kind))):
        try:
            rows = list(told(entry))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Damaged(f"ledger entry {entry.number} is damaged ({error!r:.200})") from error
        yield from rows


def _recheck(entry: Entry) -> Rows:
    said = entry.fields
    about = "url" if said.get("origin") is None else "site"
    counts = "; ".join(f"{number} {state}" for state, number in sorted(said.get("counts", {}).items()))
    row = (said["at"], said["run"], about, said.get("origin") or said["url"], said["state"], said.get("stage"))
    yield entry.number, *map(_cell, row), counts, brief(said.get("grounds", ())), _cell(said.get("since"))


def _withdrawal(entry: Entry) -> Rows:
    said = entry.fields
    asked = "; ".join(f"{name}: {' '.join(held)}" for name, held in sorted(Wish.heard(said).said().items()))
    row = (said["at"], said.get("ticket"), said.get("reason"), asked)
    yield entry.number, *map(_cell, row), int(said.get("items", 0)), int(said.get("removals", 0))


def _removal(entry: Entry) -> Rows:
    said = entry.fields
    row = (said["at"], said.get("withdrawal"), said.get("ticket"), said.get("reason"), said["sha256"])
    for url in entry.urls:
        yield entry.number, *map(_cell, row), url


def _erasure(entry: Entry) -> Rows:
    said = entry.fields
    numbers = " ".join(str(number) for number in said["entries"])
    yield entry.number, *map(_cell, (said["at"], numbers, said.get("reason")))


@lru_cache(maxsize=1024)
def _worded(reasons: str) -> str:
    return "; ".join(reason(words, TITLES) for words in json.loads(reasons))


def _cut(words: str) -> str:
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, int) else str(value)
