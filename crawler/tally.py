"""What a run has done so far, in numbers. The crawl feeds it, the display reads it; neither knows the other."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from crawler.domains import host_of
from crawler.optout.codec import time_to_text
from crawler.optout.model import Carrier, Decision, Kind, Outcome, Stage, Standing, Statement

KEPT = "kept"
"""The ending of what was collected; every other ending is the outcome's own name."""

ORIGINS = 100_000
"""Origins that could not be judged that are remembered."""

OF_ORIGINS = frozenset({Carrier.ROBOTS_TXT.value, Carrier.HOST_FILE.value})
"""Where what is said is said of a whole origin."""

NAMED = 5
"""Those of them that are named at the end of a run."""

RECENT = 5
"""Endings that are remembered with their URL."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How one URL's way ended."""

    url: str
    """The URL."""
    ending: str
    """``kept`` or the outcome."""
    reason: str
    """Why, in a few words; empty for what was kept."""


@dataclass(kw_only=True, slots=True)
class Silent:
    """An origin that could not be judged for want of its site-level files."""

    origin: str
    """Its root URL."""
    reason: str
    """Which of its files could not be had, as :func:`reasons_of` says it."""
    since: str
    """When it was found so first since it was last judged, RFC 3339."""
    last: str
    """When it was found so last, RFC 3339."""


class Silence:
    """The origins that could not be judged, each until it can; of :data:`ORIGINS` of them at most."""

    def __init__(self) -> None:
        """Nobody is silent yet."""
        self._origins: dict[str, Silent] = {}

    def note(self, url: str, stage: str, outcome: str, asked: Iterable[tuple[str, str]], at: str) -> None:
        """Take in a decision; ``asked``: carrier and standing of each source, ``at``: when, RFC 3339."""
        of_origin = [(carrier, standing) for carrier, standing in asked if carrier in OF_ORIGINS]
        missing = sorted({carrier for carrier, standing in of_origin if standing == Standing.UNREACHABLE.value})
        if stage != Stage.HOST.value:
            missing = []  # it would not have come that far
        elif not of_origin or (missing and outcome != Outcome.UNDETERMINED.value):
            return
        if not missing and not self._origins:
            return
        origin = urljoin(url, "/")
        if not missing:
            self._origins.pop(origin, None)
        elif (known := self._origins.get(origin)) is not None:
            known.reason, known.last = _unreachable(missing), at
        elif len(self._origins) < ORIGINS:
            self._origins[origin] = Silent(origin=origin, reason=_unreachable(missing), since=at, last=at)

    def __len__(self) -> int:
        return len(self._origins)

    def rows(self, limit: int = ORIGINS) -> list[Silent]:
        """The first ``limit`` origins, those that have been silent longest first."""
        return list(islice(self._origins.values(), limit))

    def reasons(self) -> Counter[str]:
        """How many there are for each reason."""
        return Counter(row.reason for row in self._origins.values())


def _unreachable(carriers: Iterable[str]) -> str:
    return ", ".join(f"{carrier} unreachable" for carrier in carriers)


@dataclass(kw_only=True)
class Tally:
    """Counters of one run. Everything is counted once a decision; a decision may rest on several grounds."""

    started: float = field(default_factory=time.monotonic)
    """Monotonic seconds."""
    checked: str = ""
    """What the check of its own settings found, in one line; empty: the crawl has not begun."""
    waiting: int = 0
    """URLs that are still to visit; set by the crawl."""
    bytes: int = 0
    """Bytes of content kept."""
    endings: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    """Decisions by kind and ending."""
    stages: Counter[str] = field(default_factory=Counter)
    """Decisions by the last stage that was asked."""
    reserved: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Reservations that decided, by signal and basis."""
    undetermined: Counter[str] = field(default_factory=Counter)
    """What could not be told, by reason."""
    skipped: Counter[str] = field(default_factory=Counter)
    """What was left for a reason of ours, by reason."""
    hosts: Counter[str] = field(default_factory=Counter)
    """Decisions by host."""
    links_left: Counter[str] = field(default_factory=Counter)
    """Links to hosts without an end, left when they were found, by reason; few of them have a decision."""
    silence: Silence = field(default_factory=Silence)
    """Origins that could not be judged for want of their site-level files."""
    recent: deque[Ending] = field(default_factory=lambda: deque(maxlen=RECENT))
    """The last endings, newest last."""

    def add(self, decision: Decision, kept_bytes: int = 0) -> None:
        """Count the last decision about an asset, and the bytes that were newly stored for it."""
        ending = KEPT if decision.collect else decision.outcome.value
        self.endings[decision.asset.kind, ending] += 1
        self.stages[decision.stage.value] += 1
        self.hosts[host_of(decision.asset.url)] += 1
        self.bytes += kept_bytes
        reasons = reasons_of(decision)
        if decision.outcome is Outcome.RESERVED:
            self.reserved.update({(statement.signal, statement.basis.value) for statement in decision.grounds})
        elif decision.outcome is Outcome.UNDETERMINED:
            self.undetermined.update(reasons)
        elif decision.outcome is Outcome.SKIPPED:
            self.skipped.update(reasons)
        self.silence.note(
            decision.asset.url,
            decision.stage.value,
            decision.outcome.value,
            ((source.carrier.value, source.standing.value) for source in decision.asked),
            time_to_text(decision.at),
        )
        self.recent.append(Ending(url=decision.asset.url, ending=ending, reason=", ".join(sorted(reasons)[:3])))

    def leave(self, reason: str) -> None:
        """Count a link that was left when it was found."""
        self.links_left[reason] += 1

    def remove(self, decision: Decision, kept_bytes: int = 0) -> None:
        """Count a decision that ends the stay of something kept before, and take that back."""
        self.endings[decision.asset.kind, KEPT] -= 1
        self.bytes -= kept_bytes
        self.add(decision)

    def count(self, ending: str, kind: Kind | None = None) -> int:
        """How many ended so, of one kind or of all."""
        return sum(n for (of, how), n in self.endings.items() if how == ending and kind in (None, of))

    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self.started

    def as_dict(self) -> dict[str, Any]:
        """All numbers as plain data."""
        kinds = sorted({kind for kind, _ in self.endings})
        return {
            "seconds": round(self.seconds(), 3),
            "waiting": self.waiting,
            "bytes": self.bytes,
            "hosts": len(self.hosts),
            "endings": {
                kind.value: {how: n for (of, how), n in sorted(self.endings.items()) if of is kind and n}
                for kind in kinds
            },
            "stages": dict(sorted(self.stages.items())),
            "reserved": [
                {"signal": signal, "basis": basis, "count": n}
                for (signal, basis), n in self.reserved.most_common()
            ],
            "undetermined": dict(self.undetermined.most_common()),
            "skipped": dict(self.skipped.most_common()),
            "links_left": dict(self.links_left.most_common()),
            "silent_origins": dict(self.silence.reasons().most_common()),
            "silent_since": [
                {"origin": row.origin, "reason": row.reason, "since": row.since}
                for row in self.silence.rows(NAMED)
            ],
        }


def reasons_of(decision: Decision) -> set[str]:
    """Why an asset was not kept, in few words out of a small vocabulary, so that they can be counted.

    Nothing in them was written by a stranger.
    """
    if decision.outcome is Outcome.RESERVED:
        return {f"{statement.signal} ({statement.basis.value})" for statement in decision.grounds}
    if decision.outcome is Outcome.SKIPPED:
        return {_house(statement) for statement in decision.grounds} or {"house"}
    if decision.outcome is Outcome.UNDETERMINED:
        reasons = {_unclear(statement) for statement in decision.grounds}
        return reasons | {"document not fetched" for _ in decision.needs} or {"unknown"}
    return set()


def _house(statement: Statement) -> str:
    reason = statement.evidence.locator
    return reason if statement.signal == "house" else f"{statement.signal} {reason}"


def _unclear(statement: Statement) -> str:
    evidence = statement.evidence
    if evidence.locator == "unreachable":
        # Said of the document, not of a signal: many signals read the same one.
        return f"{evidence.carrier.value} unreachable"
    failed = evidence.locator.startswith("reader failed")
    return f"{statement.signal} {evidence.locator if failed else 'unreadable'}"
