"""What a frontier is: the URLs still to visit, handed out in leases, and its promises.

* The unit that is leased is the politeness domain; nobody else is handed a URL of it while the lease runs.
* A URL is queued, waiting, leased or done, never two of these. It becomes done only in
  :meth:`Frontier.complete_many`, in the transaction that takes in the links found on it.
* A lease has an epoch. Whoever lost the lease, by sleeping through it or to a process that took over the
  worker's name, gets :class:`LeaseLost` and changes nothing.
* The engine's clock (:meth:`Frontier.now`) is the only clock: every ``due`` and ``expires`` is its seconds.
* Statements that travel with a URL are only ever added, in any order and any number of times, and reach whoever
  has to know: the next worker that is handed the URL, the one that has it in hand, or, where its content was
  kept, whoever reads :class:`Changed`. They follow the URL to where it moved.

Losing a frontier costs fetching again; it never admits anything, because decisions rest on what is asked of the
gate, not on what is queued.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from crawler.optout.model import Hop, Kind, Outcome, Statement

VIAS = 1000
"""Pages remembered for one URL; the first ones seen."""


class FrontierError(Exception):
    """The frontier cannot be opened or used; one sentence for the person who runs it."""


class FrontierStuck(FrontierError):
    """Disk full, or failing. What the frontier holds is whole, and is used again once that is mended."""


class LeaseLost(FrontierError):
    """The lease is no longer this worker's. Nothing of the call that raised it was applied."""

    def __init__(self, message: str, leases: tuple[Lease, ...] = ()) -> None:
        super().__init__(message)
        self.leases = leases
        """The leases that are lost; the rest of the batch can be handed in again without them."""


class State(StrEnum):
    """Where a URL is."""

    QUEUED = "queued"
    LEASED = "leased"
    """In a worker's hands."""
    WAITING = "waiting"
    """To be tried again, later."""
    DONE = "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A URL that somebody found, or that the run starts with."""

    url: str
    """Absolute http(s) URL, canonical: two spellings are two URLs."""
    kind: Kind
    """What it is expected to be."""
    domain: str
    """Its politeness domain, as the caller reckons it; what is leased."""
    host: str
    """Its host; the hosts of a domain take turns."""
    depth: int
    """Links from a seed."""
    via: str | None = None
    """The page it was found on."""
    inherited: tuple[Statement, ...] = ()
    """What that page, and the redirects on the way, say about it."""
    hops: tuple[Hop, ...] = ()
    """The redirects that led to it, first hop first."""
    alt: str | None = None
    """The image's text alternative."""
    caption: str | None = None
    """The image's caption."""
    work: str | None = None
    """What the page that licenses an image calls it and whom it credits, as JSON."""
    priority: int = 0
    """Higher is handed out earlier, within a host."""
    seed: bool = False
    """The run starts with it; handed out before everything else of its host."""
    link_only: bool = False
    """A sitemap or feed: fetched for its links, never kept; handed out as early as seeds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A URL as the frontier knows it.

    ``kind``, ``alt``, ``caption`` and ``link_only`` are those of the first offer; ``seed`` is true once any
    offer says so, ``depth`` is the smallest.
    """

    id: int
    """Its number in this frontier."""
    url: str
    """As it was offered."""
    kind: Kind
    """What it is expected to be."""
    domain: str
    """Its politeness domain."""
    host: str
    """Its host."""
    depth: int
    """Links from a seed, by the shortest way known."""
    via: tuple[str, ...]
    """Pages it was seen on, in the order they were met, at most :data:`VIAS`."""
    inherited: tuple[Statement, ...]
    """What has been said about it elsewhere, each statement once."""
    hops: tuple[Hop, ...]
    """The redirects that led to it, each once."""
    alt: str | None
    """The image's text alternative."""
    caption: str | None
    """The image's caption."""
    work: str | None
    """What the first page that licenses the image calls it and whom it credits, as JSON."""
    tries: int
    """How often it was handed out in this run without getting done."""
    seed: bool
    """The run starts with it."""
    link_only: bool
    """Fetched for its links, never kept."""
    kept: bool
    """Its content was kept, in this run or an earlier one, and has not been reported as gone since."""
    state: State
    """Where it is."""
    outcome: Outcome | None
    """How it ended last; None: never yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """The right to fetch from one domain, and the entries that were handed out with it."""

    domain: str
    """The politeness domain."""
    epoch: int
    """The fencing token: grows whenever the domain changes hands."""
    expires: float
    """When others may take the domain, with everything that is still in hand; engine clock."""
    entries: tuple[Entry, ...]
    """What was handed out now; what the same lease handed out before is not repeated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """What became of an entry."""

    entry_id: int
    """Which."""
    state: Literal["done", "retry"]
    """``retry``: hand it out again, not before ``due``."""
    due: float | None = None
    """Earliest time of the retry, engine clock; None: at once."""
    outcome: Outcome | None = None
    """The decision's outcome, if one was reached; None leaves the one before."""
    kept: bool = False
    """Whether its content is kept now; read only when ``done``."""
    moved_to: str | None = None
    """Where it leads, a URL that was offered before or together with this: whatever is said of the entry, now
    or later, is said of that one too. Read only when ``done``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """Something new travels with a URL whose content is kept: judge it again, and remove what is reserved."""

    entry: Entry
    """The entry with everything that is known now."""
    version: int
    """What :meth:`Frontier.settle` needs to tell this change from a later one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What there is still to do."""

    queued: int
    """URLs that can be handed out, as soon as their domain is due."""
    leased: int
    """URLs in workers' hands."""
    waiting: int
    """URLs to be tried again later."""
    done: int
    """URLs that ended."""
    next_due: float | None
    """When :meth:`Frontier.acquire` may next have something for somebody, engine clock; None: never."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Domains:
    """Where the politeness domains are."""

    due: int
    """Those that can be handed out now, leases that ran out among them."""
    leased: int
    """Those in a worker's hands."""
    parked: int
    """Those with something that may be asked only later."""
    oldest_due: float | None
    """Since when the one that has waited longest can be handed out, engine clock; None: none can."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shut:
    """A host, a domain or a pattern of URLs at which links are left."""

    name: str
    """The host or politeness domain."""
    pattern: str = ""
    """As :func:`~crawler.frontier.pattern.pattern_of` gives it; empty: all of it."""
    reason: str
    """Why, in a word of the caller's."""
    lasting: bool = False
    """Whether it also holds when everything is asked again."""


class Frontier(Protocol):
    """The contract of every engine. Every method raises :class:`FrontierError` when the engine fails."""

    def now(self) -> float:
        """The engine's clock, in epoch seconds. It does not jump when the machine's clock is set."""

    def seed(self, offers: Iterable[Offer]) -> int:
        """Take in URLs outside any lease and say how many were new. Durable when it returns; safe to repeat.

        What the offers add to URLs whose content is kept is found in :meth:`unsettled`.
        """

    def acquire(self, worker: str, domains: int, per_domain: int, ttl: float) -> list[Lease]:
        """Hand out at most ``domains`` leases of ``ttl`` seconds with at most ``per_domain`` entries each.

        Whoever waited longest comes first: domains nobody holds since they became due, domains this worker
        holds since they were last served. A domain that the worker holds is topped up under the same epoch
        until ``per_domain`` entries are in hand, and its lease extended. A lease that ran out is anybody
        else's, who is handed its entries with ``tries`` one higher; until then its holder can still use it.

        Within a domain the hosts take turns. Within a host, seeds and sitemaps come first, then higher
        priority, then whatever was offered first, so that pages and images advance together.

        A worker's first call, and :meth:`reclaim`, take its name over: what held it before is fenced off, and
        its own next call raises ``LeaseLost``.
        """

    def extend(self, lease: Lease, ttl: float) -> Lease:
        """The same lease, to expire ``ttl`` seconds from now; raises ``LeaseLost``."""

    def complete_many(self, batch: Sequence[tuple[Lease, Sequence[Ended], Sequence[Offer]]]) -> list[Changed]:
        """In one transaction take in the links that were found, then what became of the entries.

        One stale lease fails the whole batch: ``LeaseLost`` names it in ``leases``, nothing was applied. Its
        entries will be handed out again, and the links on them found again.

        Returns every kept entry about which an offer said something new, wherever it is queued, and every
        entry ended now as kept to which something was added after it was handed out. They are also remembered,
        see :meth:`unsettled`.
        """

    def unsettled(self) -> list[Changed]:
        """Changes that nobody has reported as settled: what a crash may have left undone."""

    def settle(self, changed: Iterable[Changed], *, removed: bool = False) -> None:
        """These changes were acted on. ``removed``: their content is gone, they count as kept no longer."""

    def gone(self, urls: Iterable[str], *, forget: bool = False) -> None:
        """The content of these URLs is gone: they count as kept no longer. URLs never offered are ignored.

        ``forget``: nor is anything left, in no free corner of a file, of what pages called them.
        """

    def release(self, lease: Lease, next_due: float | None = None) -> None:
        """Give the domain back, to be handed out from ``next_due`` on; what is in hand returns to the queue.

        Raises ``LeaseLost``.
        """

    def reclaim(self, worker: str) -> int:
        """Free what ``worker`` held before it crashed and say how many entries were in its hands."""

    def left(self) -> Left:
        """What there is still to do, counted; takes time in proportion to what is queued."""

    def domains(self) -> Domains:
        """Where the domains are, counted; takes time in proportion to those that have something to do."""

    def finished(self) -> bool:
        """Whether nothing is queued, waiting or in hand; quick, and decided from the queues."""

    def begin_run(self, *, requeue: bool) -> int:
        """Begin a run and return its number, the first being 1.

        ``requeue``: everything done is queued again with its ``kept`` flag and ``tries`` 0. What travels with
        the URLs stays: until their pages have been asked again, what these said last is what is known. Only
        permissions do not: they have to be given again. What was shut, and not for good, is open again.
        """

    def entry(self, url: str) -> Entry | None:
        """What is known of one URL; None: it was never offered."""

    def known(self, urls: Iterable[str]) -> set[str]:
        """Those of the URLs that were offered before."""

    def offered(self, domain: str, host: str, after: int = 0, most: int = 1_000) -> list[tuple[int, str]]:
        """The URLs of a host that were offered, with their numbers, in the order in which they were new.

        ``after``: the number behind which to begin; ``most``: how many at once.
        """

    def size(self, domain: str) -> int:
        """How many URLs of a domain were offered."""

    def shut(self, where: Shut) -> None:
        """Remember that links are left there. Durable when it returns; safe to repeat."""

    def shut_at(self, name: str) -> list[Shut]:
        """What is remembered of a host or domain."""

    def close(self) -> None:
        """Let go of the engine. Leases are not released; ``reclaim`` or their end does that."""
