"""The figures of a report: plain frozen values, the same for HTML, CSV and JSON.

A URL counts once, by what became of it in the end (:class:`crawler.audit.fate.State`), however often it was
decided about; only :attr:`Figures.periods` counts decisions. Signals, stages, walls and reasons are those of
the last decision about what was never kept; what left later is among the events. A reservation may rest on
several signals, so their rows add up to more than the URLs: :attr:`SignalRow.alone` says how many no other
signal would have reserved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many URLs ended how. ``kept`` is held now; the others are not."""

    kept: int = 0
    """Held now."""
    bytes: int = 0
    """Bytes of content held now; the same bytes under several URLs count under each."""
    reserved: int = 0
    """Never kept: a signal reserves it."""
    undetermined: int = 0
    """Never kept: what its creator says could not be told."""
    skipped: int = 0
    """Never kept, for a reason of ours."""
    withdrawn: int = 0
    """Was held, and is gone on request."""
    removed: int = 0
    """Was held, and is gone because it is reserved now, or could not be asked about for too long."""
    unstored: int = 0
    """To be kept, but the crawl ended before its content was on disk."""

    @property
    def considered(self) -> int:
        """All of them."""
        return (
            self.kept
            + self.reserved
            + self.undetermined
            + self.skipped
            + self.withdrawn
            + self.removed
            + self.unstored
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRow:
    """One run."""

    id: str
    """Its name in the ledger."""
    started: datetime
    """When it began, UTC."""
    ended: datetime | None
    """When it ended, UTC; None: it is running, or was killed."""
    seeds: int
    """Seeds it was given."""
    versions: str
    """Programs that made it, ``name version`` separated by commas."""
    policy: str
    """Digest of what its decisions depend on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """Whose corpus it is, and what the report rests on."""

    name: str
    """Name of its folder."""
    log: str
    """Origin line of its ledger."""
    created: datetime
    """When it was begun, UTC."""
    operator: str | None
    """Who collects."""
    contact: str
    """Where the operator is reached."""
    tokens: tuple[str, ...]
    """Product tokens, the first one in the User-Agent."""
    user_agent: str
    """The User-Agent header that was sent."""
    purposes: tuple[str, ...]
    """Declared purposes."""
    posture: str
    """``opt-out`` or ``opt-in``."""
    reading: str
    """``strict`` or ``literal``."""
    unchecked: bool
    """Whether a run accepted encrypted connections without checking certificates."""
    reason: str | None
    """Why strictness was lowered, in the operator's words."""
    policy: str
    """Digest of what decisions depend on now."""
    runs: tuple[RunRow, ...]
    """Its runs, oldest first."""
    entries: int
    """Entries of the ledger."""
    sealed: int
    """How many of them are under the latest checkpoint."""
    root: str | None
    """The checkpoint's root hash, base64; None: there is none."""
    sealed_at: str | None
    """When it was signed, RFC 3339."""
    erased: int
    """Entries erased on request."""
    suffix_list: str
    """Which Public Suffix List tells registrable domains: its date or version, and the package it came in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KindRow:
    """One kind of content."""

    kind: str
    """``text``, ``image``, ``pdf``, ``epub``."""
    count: Count
    """What became of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalRow:
    """One signal, as far as it reserved something."""

    signal: str
    """Its name."""
    title: str
    """Its name in words."""
    stated: int
    """URLs reserved by it on the basis ``stated``; with several bases, the most direct one counts."""
    recovered: int
    """The same, ``recovered``."""
    inferred: int
    """The same, ``inferred``."""
    alone: int
    """URLs that no other signal reserves."""

    @property
    def urls(self) -> int:
        """URLs it reserves."""
        return self.stated + self.recovered + self.inferred


@dataclass(frozen=True, kw_only=True, slots=True)
class StageRow:
    """How far was asked before something was turned away."""

    stage: str
    """``host``, ``headers``, ``content``."""
    reserved: int
    undetermined: int
    skipped: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DomainRow:
    """One registrable domain (Public Suffix List with its private section)."""

    domain: str
    """The domain, or an IP address."""
    count: Count
    """What became of its URLs."""
    texts: int
    """Pages and documents held."""
    images: int
    """Images held."""
    text_bytes: int | None
    """UTF-8 bytes of the words of what is held, as far as it was measured; None: nothing of it was."""
    image_bytes: int
    """Bytes of images held."""
    words: int | None
    """Words of what is held, as far as it was measured; None: nothing of it was."""
    first: str
    """When the first decision about it was made, RFC 3339."""
    last: str
    """When the last one was."""
    signals: tuple[str, ...]
    """Signals that reserved something of it, the most frequent first, at most five."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SuffixRow:
    """One public suffix or top-level domain."""

    suffix: str
    """The last label of the host name; ``(address)`` for IP addresses."""
    domains: int
    """Registrable domains under it."""
    count: Count
    """What became of their URLs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageRow:
    """One language of what is held."""

    language: str
    """ISO 639 code; ``(none)``: too little text; ``(not measured)``: nobody looked, or it
    could not be read."""
    name: str
    """Its English name; the code where it has none here."""
    items: int
    """Pages and documents; a page that is held in two versions counts twice."""
    text_bytes: int
    """UTF-8 bytes of their words."""
    words: int
    """Their words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodRow:
    """Decisions of one hour, day, month or year."""

    start: str
    """``2026-11-22T10``, ``2026-11-22``, ``2026-11`` or ``2026``, UTC."""
    kept: int
    """Decisions to keep."""
    reserved: int
    undetermined: int
    skipped: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PostureRow:
    """What each posture keeps of one kind, by the same statements."""

    kind: str
    """What kind; ``all`` in the last row."""
    opt_out: int
    """URLs on which nothing stands against the declared purposes."""
    opt_in: int
    """Those of them to which an accepted licence or permission is bound."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingRow:
    """What the strict reading reserves through one signal and basis, and the literal one does not."""

    signal: str
    """The signal."""
    basis: str
    """``recovered`` or ``inferred``; ``stated`` where a broad word counts at once, which the literal reading
    lets a narrower one replace."""
    urls: int
    """URLs whose reservation rests on this, alone or with others of this table, and on nothing the literal
    reading counts. It would have gone on with them, and might have met another reservation later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """A reason and how often it was one."""

    reason: str
    """In plain words, ours."""
    urls: int
    """URLs."""
    domains: int
    """Registrable domains of these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SilentRow:
    """An origin that could not be judged, because a site-level file of it could not be had."""

    origin: str
    """Its root URL."""
    reason: str
    """Which file, in plain words, ours."""
    since: str
    """When it was found so first since it was last judged, RFC 3339."""
    last: str
    """When it was found so last, RFC 3339."""
    urls: int
    """Its URLs that were not kept because nobody can tell."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LicenceRow:
    """A licence of what is held."""

    licence: str
    """Its identifier or URL."""
    items: int
    """Items that name it, held now."""
    accepted: int
    """Of these, those whose outcome is ``licensed``."""
    bytes: int
    """Bytes of these items."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """A withdrawal or a recheck."""

    at: str
    """When, RFC 3339."""
    what: str
    """``withdrawal`` or ``recheck``."""
    ticket: str | None
    """What the operator calls the request."""
    words: str
    """What came of it, in a few words of ours."""
    items: int
    """Items that left because of it, or are held back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """All of a report but its domains, which may be many: see :mod:`crawler.audit.report.census`."""

    about: About
    at: datetime
    """When the figures were taken, UTC."""
    period: tuple[str, str] | None
    """Times of the first and the last decision; None: there is none."""
    total: Count
    held_back: int
    """Kept URLs that a recheck found reserved, or could not ask about, and that are left out of what is made of
    the corpus until that changes."""
    domains: int
    """Registrable domains considered."""
    contributing: int
    """Registrable domains of which something is held."""
    kinds: tuple[KindRow, ...]
    signals: tuple[SignalRow, ...]
    """Most URLs first."""
    stages: tuple[StageRow, ...]
    suffixes: tuple[SuffixRow, ...]
    """Most URLs first."""
    languages: tuple[LanguageRow, ...]
    """Most text first."""
    periods: tuple[PeriodRow, ...]
    """In order, without gaps."""
    postures: tuple[PostureRow, ...]
    readings: tuple[ReadingRow, ...]
    """Most URLs first."""
    literal: int
    """Reserved URLs that the literal reading would not have reserved at that stage."""
    walls: tuple[Reason, ...]
    """401, 402, 403, 407, 451, captchas and challenges, paywalls, logins: met and left alone."""
    undetermined: tuple[Reason, ...]
    silent: tuple[SilentRow, ...]
    """Silent longest first."""
    skipped: tuple[Reason, ...]
    licences: tuple[LicenceRow, ...]
    events: tuple[EventRow, ...]
    """Withdrawals and rechecks, newest last."""
