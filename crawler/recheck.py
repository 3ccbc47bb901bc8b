"""Asking again about what is kept: what each answer means, what is written down, and what has to go.

Nothing here reaches the network; :mod:`crawler.spiders.recheck` asks, and hands in what it heard.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.agenda import Agenda
from crawler.captures import now
from crawler.corpus.evidence import HOP, hops_of
from crawler.corpus.holds import RECHECK, Hold, Holds, State
from crawler.corpus.items import Item
from crawler.inheritance import Inheritance
from crawler.job import Job
from crawler.optout import Gate
from crawler.optout.codec import statement_to_dict, time_to_text
from crawler.optout.host import origin_of
from crawler.optout.model import (
    OPEN,
    Asset,
    Capture,
    Carrier,
    Decision,
    Hop,
    Kind,
    Outcome,
    Preference,
    Stage,
    Statement,
)
from crawler.removals import Removals, Reserved

BECAUSE = "recheck: reserved by "
"""How the reason of a removal begins, before the names of the signals."""

GROUP = 256
"""Withdrawals that are carried out together: each group rewrites the files concerned once."""

PENDING = 60.0
"""Seconds after which a withdrawal is carried out when the next thing is found, however small its group."""

FLUSH = 1.0
"""Seconds after which what was found is on disk when the next thing is found."""

SEAL = 60.0
"""Seconds after which what was found is under a signed checkpoint when the next thing is found."""

GROUNDS = 8
"""Statements that an entry quotes; the decision that ends a stay has all of them."""

FILES = frozenset({Carrier.ROBOTS_TXT, Carrier.HOST_FILE})
"""Where what is said is heard again whenever an origin is."""

Readings = Sequence[tuple[Capture, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What somebody who rechecks a corpus wants."""

    items: bool = False
    """Ask every item and the pages of images, not only the site-level files of their origins."""
    grace: timedelta | None = None
    """Withdraw what has been unreachable for so long, according to earlier rechecks; None: never."""
    dry_run: bool = False
    """Withdraw nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Something that is not as it was, about one URL or a whole origin."""

    state: State
    """What became of it."""
    url: str | None = None
    """The URL; None: all that is kept from ``origin``."""
    origin: str | None = None
    """The origin, when it is about one."""
    items: int = 1
    """URLs it is about."""
    stage: Stage
    """How far was asked."""
    grounds: tuple[Statement, ...] = ()
    """What it rests on."""
    at: datetime
    """When it was found, UTC."""
    since: datetime | None = None
    """Unreachable things: when that was found first."""
    withdrawn: bool = False
    """Whether it leaves the corpus because of it."""


class Recheck:
    """One recheck of a corpus that is open for writing."""

    def __init__(self, job: Job, gate: Gate, wish: Wish, told: Callable[[Difference], None]) -> None:
        """``told`` is called with every difference, as soon as it is found. Raises ``CorpusError``."""
        assert job.corpus.ledger is not None
        self.job = job
        self.wish = wish
        self.gate = gate
        self.counts: Counter[State] = Counter()
        """URLs by state."""
        self.origins = 0
        """Origins that were asked."""
        self.withdrawn = 0
        """URLs that left the corpus."""
        self.said = Inheritance()
        """What pages that were asked say of images."""
        self._ledger = job.corpus.ledger
        self._told = told
        self._removals = Removals(job, gate, because=BECAUSE)
        if any(run.ended is None for run in job.corpus.folder.manifest.runs[:-1][-1:]):
            self._removals.finish()
        self._holds = Holds.read(job.corpus)
        self.agenda = Agenda(job.corpus.store)
        self._reserved: list[Reserved] = []
        self._lapsed: dict[str, datetime] = {}
        self._flushed = self._withdrew = self._sealed = time.monotonic()

    def held(self, url: str) -> Item | None:
        """What is kept of ``url`` now, last."""
        return self.job.corpus.store.held(url)

    def kept(self, item: Item) -> tuple[Asset, tuple[Statement, ...]]:
        """What an item was collected as, and the statements it inherited then.

        Those that its own origin, answer and content made are left out: they are asked for again. So are the
        permissions of anybody but its pages, which have to be given again. Raises ``Damaged``.
        """
        via = item.note.via
        entry = self.job.corpus.last_decision(item.url, after=item.entry - 1, before=item.entry + 1)
        if entry is None:
            return Asset(url=item.url, kind=item.kind, via=via[0] if via else None), ()
        decision = entry.decision
        return decision.asset, tuple(
            statement
            for statement in decision.heard
            if statement.evidence.carrier in (Carrier.HEADER, Carrier.HTML, Carrier.DOCUMENT)
            and statement.evidence.source != decision.asset.url
            and (statement.preference is not Preference.ALLOW or statement.evidence.source in via)
        )

    def judged(
        self,
        asset: Asset,
        decision: Decision,
        *,
        readings: Readings = (),
        hops: tuple[Hop, ...] = (),
        of_origin: bool = False,
    ) -> State:
        """Take in what the gate says now about something that is kept.

        ``of_origin``: an undetermined outcome is its origin's, and told of that (:meth:`asked`).
        """
        state = state_of(decision)
        before = self._holds.of_url(asset.url)
        since: datetime | None = None
        withdrawn = False
        number = None
        if state is State.UNCHANGED and before is not None and self._reaches(before):
            state = State.LIFTED
        elif state is State.RESERVED and not self.wish.dry_run:
            withdrawn = True
            digests = self._removals.reserves(decision)
            number = self._decided(decision, readings, hops, digests)
            self._reserved.append(Reserved(decision=decision, entry=number, digests=digests))
        elif state is State.UNREACHABLE:
            since, lapsed = self._unreachable_since(asset.url, before, decision.at)
            if lapsed and not self.wish.dry_run:
                number = self._decided(decision, readings, hops, ())
                self._lapsed[asset.url] = since
        self._count(asset.url, state)
        told_of_origin = of_origin and state is State.UNREACHABLE
        if state is not State.UNCHANGED and (number is not None or not told_of_origin):
            fields: dict[str, Any] = {"url": asset.url, "stage": self._reached(decision).value}
            if number is not None:
                fields["decision"] = number
            self._record(state, fields, decision.grounds, () if number is not None else readings, since)
        if state is not State.UNCHANGED and not told_of_origin and asset.url not in self._lapsed:
            self._told(
                Difference(
                    state=state,
                    url=asset.url,
                    stage=decision.stage,
                    grounds=decision.grounds,
                    at=decision.at,
                    since=since,
                    withdrawn=withdrawn,
                )
            )
        passed = time.monotonic()
        if len(self._reserved) >= GROUP or (self._reserved and passed - self._withdrew >= PENDING):
            self._withdraw()
        elif self.job.journal.due or passed - self._flushed >= FLUSH:
            self._flush()
        return state

    def asked(
        self, domain: str, origin: str, *, readings: Readings, unreachable: tuple[Statement, ...] = ()
    ) -> None:
        """Everything that is kept from an origin was judged.

        ``unreachable``: what could not be had of its site-level files; the origin is held back because of it.
        """
        counts = self.agenda.counts(domain, origin)
        before = self._holds.of_origin(origin)
        since: datetime | None = None
        if unreachable:
            state = State.UNREACHABLE
            since = before.since if before is not None else unreachable[0].evidence.at
        elif before is not None:
            state = State.LIFTED
        else:
            state = State.RESERVED if counts.get(State.RESERVED) else State.UNCHANGED
        asked = "items" if self.wish.items and not unreachable else "site"
        self._record(state, {"origin": origin, "asked": asked, "counts": counts}, unreachable, readings, since)
        self.origins += 1
        if state in (State.UNREACHABLE, State.LIFTED):
            self._told(
                Difference(
                    state=state,
                    origin=origin,
                    items=counts.get(State.UNREACHABLE, 0) if unreachable else sum(counts.values()),
                    stage=Stage.HOST,
                    grounds=unreachable,
                    at=now(),
                    since=since,
                )
            )

    def spread(self, url: str, said: tuple[Statement, ...], images: Iterable[str]) -> None:
        """A page says something of its images: those that are kept hear it, whether or not they were asked."""
        for image in dict.fromkeys(images) if said else ():
            if image == url or self.held(image) is None:
                continue
            if self.agenda.state(image) in (State.UNCHANGED, State.LIFTED):
                asset = Asset(url=image, kind=Kind.IMAGE, via=url)
                decision = self.gate.reconsider(asset, said, now())
                if decision is not None:
                    self.judged(asset, decision)
            else:
                self.said.add((image,), said)

    def finish(self) -> None:
        """Carry out what is left to be withdrawn, and make everything durable."""
        self._withdraw()
        self._withdraw_lapsed()
        self._flush()

    def close(self) -> None:
        """Let go of the temporary database."""
        self.agenda.close()

    def _reaches(self, hold: Hold) -> bool:
        """Whether this recheck asks as far as the one that found ``hold``."""
        return self.wish.items or hold.stage is Stage.HOST

    def _reached(self, decision: Decision) -> Stage:
        """How far has to be asked to hear again what a decision rests on.

        What pages say of an image is known before it is asked, and so are reasons of ours not to ask.
        """
        by_files = all(ground.evidence.carrier in FILES for ground in decision.grounds)
        return decision.stage if by_files or not self.wish.items else Stage.CONTENT

    def _unreachable_since(self, url: str, before: Hold | None, at: datetime) -> tuple[datetime, bool]:
        """Since when it has been unreachable, and whether that is longer than is waited for."""
        known = [before, self._holds.of_origin(origin_of(url))]
        earlier = [hold.since for hold in known if hold is not None and hold.state is State.UNREACHABLE]
        since = min(earlier, default=at)
        return since, bool(earlier) and self.wish.grace is not None and at - since >= self.wish.grace

    def _decided(
        self, decision: Decision, readings: Readings, hops: tuple[Hop, ...], digests: tuple[str, ...]
    ) -> int:
        capture = Capture(url=decision.asset.url, status=None, at=decision.at, hops=hops)
        return self.job.journal.record(decision, capture, evidence=readings, reserved=digests)

    def _record(
        self,
        state: State,
        fields: dict[str, Any],
        grounds: Sequence[Statement],
        readings: Readings,
        since: datetime | None,
    ) -> None:
        add = self.job.corpus.evidence.add
        rows = [
            {"sha256": add(part, source), "at": time_to_text(part.at)}
            for reading, kind in readings
            for part, source in (*((hop, HOP) for hop in hops_of(reading)), (reading, kind))
        ]
        if grounds:
            fields["grounds"] = [statement_to_dict(ground) for ground in grounds[:GROUNDS]]
        if rows:
            fields["evidence"] = rows
        if since is not None:
            fields["since"] = time_to_text(since)
        self._ledger.append_other(RECHECK, run=self.job.run, at=now(), state=state.value, **fields)

    def _count(self, url: str, state: State) -> None:
        before = self.agenda.state(url)
        if before is not None:
            self.counts[before] -= 1
        self.counts[state] += 1
        self.agenda.found(url, state)

    def _withdraw(self) -> None:
        """Remove what is reserved, and the same bytes wherever else they are kept."""
        if not self._reserved:
            return
        reserved, self._reserved = self._reserved, []
        own = {one.decision.asset.url for one in reserved}
        gone: set[str] = set()
        for one in reserved:
            for digest in one.digests:
                for item in self.job.corpus.store.items(sha256=digest):
                    if item.url not in own | gone:
                        self._twin(item, one.decision.asset.url)
                    gone.add(item.url)
        self._removals.carry_out(reserved)
        self.withdrawn += len(gone)
        self._flushed = self._withdrew = time.monotonic()

    def _twin(self, item: Item, other: str) -> None:
        """Something else goes because its bytes do; the decision on it is recorded with the removal."""
        asset = Asset(url=item.url, kind=item.kind, via=item.note.via[0] if item.note.via else None)
        decision = self.gate.same_bytes(asset, other, now())
        self._count(item.url, State.RESERVED)
        self._told(
            Difference(
                state=State.RESERVED,
                url=item.url,
                stage=decision.stage,
                grounds=decision.grounds,
                at=decision.at,
                withdrawn=True,
            )
        )

    def _withdraw_lapsed(self) -> None:
        """Remove what has been unreachable for too long. Bytes that another URL still gives stay."""
        lapsed, self._lapsed = self._lapsed, {}
        store = self.job.corpus.store
        reasons: dict[str, str] = {}
        gone: set[str] = set()
        for url, since in lapsed.items():
            for item in store.items(url=url):
                urls = {twin.url for twin in store.items(sha256=item.sha256)}
                if urls <= lapsed.keys():
                    gone |= urls
                    reasons[item.sha256] = f"recheck: unreachable since {time_to_text(since)[:19]}Z"
        self._flush()
        if reasons:
            self.job.frontier.gone(gone)
            store.remove_each(reasons, run=self.job.run, at=now())
            self.withdrawn += len(gone)
        for url, since in lapsed.items():
            self._told(
                Difference(
                    state=State.UNREACHABLE,
                    url=url,
                    stage=Stage.HOST,
                    at=now(),
                    since=since,
                    withdrawn=url in gone,
                )
            )

    def _flush(self) -> None:
        self.job.journal.flush()
        self._flushed = time.monotonic()
        if self._flushed - self._sealed >= SEAL:
            self.job.seal()
            self._sealed = self._flushed


def state_of(decision: Decision) -> State:
    """What a decision means for something that is kept."""
    if decision.outcome in OPEN:
        return State.UNCHANGED
    if decision.outcome is Outcome.RESERVED:
        return State.RESERVED
    if decision.outcome is Outcome.SKIPPED:
        gone = {ground.evidence.locator for ground in decision.grounds} & {"gone", "type", "empty"}
        return State.GONE if gone else State.UNREACHABLE
    return State.UNREACHABLE
