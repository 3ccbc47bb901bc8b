"""What a recheck found out about things that are kept, and which of them are held back because of it.

::

    type     = "recheck"
    url      | origin               what it is about: one URL, or everything that is kept from an origin
    state                           see State
    stage    = host headers content how far has to be asked to hear the same again
    asked    = site | items         of an origin: only its site-level files, or everything kept from it, too
    counts   {state number}         of an origin: how many of its URLs are in which state
    grounds  [statement]            what the state rests on, as in a decision
    evidence [{at sha256}]          readings it rests on, as in a decision
    since                           when something unreachable was found so first, without a break
    decision                        entry of the decision that ended its stay, if one did

What is held back stays in the archive and is left out of what is made from it from then on. A hold ends when a
later recheck finds that nothing stands against the URL any more, or a later crawl does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from crawler.audit.entries import Filter
from crawler.corpus.errors import Damaged
from crawler.optout.codec import time_from_text
from crawler.optout.host import origin_of
from crawler.optout.model import OPEN, Malformed, Stage

if TYPE_CHECKING:
    from crawler.audit.entries import Entry
    from crawler.corpus.corpus import Corpus

RECHECK = "recheck"
"""The type of these entries."""


class State(StrEnum):
    """What became of something that is kept."""

    RESERVED = "new reservation"
    """It is reserved now."""
    LIFTED = "lifted"
    """What held it back does not any more."""
    UNREACHABLE = "unreachable"
    """It could not be told whether it is reserved: nothing answered, or the answer leaves it open."""
    GONE = "gone"
    """It is not there any more (404, 410), which is no objection."""
    UNCHANGED = "unchanged"
    """Nothing new stands against it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """Why something is held back."""

    state: State
    """:attr:`State.RESERVED` or :attr:`State.UNREACHABLE`."""
    stage: Stage
    """How far has to be asked to find out whether it still is so."""
    since: datetime
    """When it was found so first, without a break; UTC."""
    entry: int
    """The ledger entry that says so last."""


class Holds:
    """What is held back in one corpus, as its rechecks left it.

    >>> holds = Holds.read(corpus)                                             # doctest: +SKIP
    >>> export = [item for item in items if holds.of(item.url) is None]        # doctest: +SKIP
    """

    def __init__(self, corpus: Corpus | None = None) -> None:
        """Nothing held back yet; see :meth:`read`."""
        self._corpus = corpus
        self._urls: dict[str, Hold] = {}
        self._origins: dict[str, Hold] = {}

    @classmethod
    def read(cls, corpus: Corpus) -> Holds:
        """From the ledger, which is read once. Takes memory for what is held back, not for what is kept.

        Raises ``Damaged``.
        """
        holds = cls(corpus)
        for entry in corpus.entries(Filter(type=RECHECK)):
            holds.note(entry)
        return holds

    def note(self, entry: Entry) -> None:
        """Take in a ``recheck`` entry; raises ``Damaged``."""
        fields = entry.fields
        try:
            state, at = State(str(fields["state"])), time_from_text(str(fields["at"]))
            stage = Stage(str(fields.get("stage", Stage.HOST.value)))
            url, origin = fields.get("url"), fields.get("origin")
        except (KeyError, ValueError) as error:
            raise Damaged(f"ledger entry {entry.number} is damaged ({error})") from error
        hold = Hold(state=state, stage=stage, since=at, entry=entry.number)
        if origin is None:
            _follow(self._urls, str(url), hold)
        elif state is State.UNREACHABLE:
            _follow(self._origins, str(origin), hold)
        else:  # its files were had; what they say against single URLs is told of these
            self._origins.pop(str(origin), None)

    def of_url(self, url: str) -> Hold | None:
        """What was said of this very URL."""
        return self._standing(url, self._urls.get(url))

    def of_origin(self, origin: str) -> Hold | None:
        """What was said of everything kept from this origin."""
        return self._origins.get(origin)

    def of(self, url: str) -> Hold | None:
        """Why ``url`` is held back; None: it is not."""
        return self.of_url(url) or self._standing(url, self._origins.get(origin_of(url)))

    def _standing(self, url: str, hold: Hold | None) -> Hold | None:
        """The hold, unless a later crawl met the URL and found nothing against it."""
        if hold is None or self._corpus is None:
            return hold
        last = self._corpus.last_decision(url, after=hold.entry)
        try:
            return None if last is not None and last.decision.outcome in OPEN else hold
        except Malformed as error:
            assert last is not None
            raise Damaged(f"ledger entry {last.number} is damaged ({error})") from error


def _follow(known: dict[str, Hold], name: str, new: Hold) -> None:
    """What is held back once ``new`` is known, too."""
    before = known.get(name)
    if new.state in (State.RESERVED, State.UNREACHABLE):
        if before is None or (before.state, new.state) == (State.UNREACHABLE, State.RESERVED):
            known[name] = new
        elif before.state is new.state:
            known[name] = Hold(state=new.state, stage=new.stage, since=before.since, entry=new.entry)
        # else: a reservation is not lifted by silence
    elif new.state is not State.GONE or (before is not None and before.state is State.UNREACHABLE):
        known.pop(name, None)
