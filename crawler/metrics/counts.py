"""What happened so far, as plain numbers: adding to them is all that a page costs."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.metrics import vocabulary
from crawler.metrics.series import LAGS, POLICY_AGES
from crawler.optout.model import Capture, Carrier, Decision, Outcome
from crawler.tally import reasons_of

MINUTE = 60.0
HELD = 100_000
"""URLs remembered that wait to be asked again; further ones are in the frontier's numbers alone."""

_SITE_LEVEL = frozenset({Carrier.ROBOTS_TXT, Carrier.HOST_FILE})


class Distribution:
    """How many values fell below each of a few bounds."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """``bounds``: ascending; a value equal to a bound falls below it."""
        self.bounds = tuple(bounds)
        """The upper bounds."""
        self.total = 0.0
        """The sum of the values."""
        self._below = [0] * (len(bounds) + 1)

    def add(self, value: float) -> None:
        """Count one value."""
        self._below[bisect_left(self.bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """As Prometheus counts: for each bound, how many are not above it."""
        found, many = [], 0
        for bound, count in zip((*map(_words, self.bounds), "+Inf"), self._below, strict=True):
            many += count
            found.append((bound, float(many)))
        return found


@dataclass(kw_only=True)
class Counts:
    """The numbers of one run."""

    clock: Callable[[], float] = time.monotonic
    """Seconds that never go back."""
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Decisions by outcome and the signal of their first ground."""
    undetermined: Counter[str] = field(default_factory=Counter)
    """Reasons of undetermined decisions."""
    refused: Counter[str] = field(default_factory=Counter)
    """What was refused for its address, by where."""
    policy: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Answers to requests for site-level files and documents, by source and result."""
    policy_ages: Distribution = field(default_factory=lambda: Distribution(POLICY_AGES))
    """Ages of the oldest site-level file behind each decision."""
    fetched: Counter[str] = field(default_factory=Counter)
    """Requests that ended, by class."""
    bytes: int = 0
    """Bytes of bodies received."""
    in_flight: int = 0
    """Requests under way."""
    tls: int = 0
    """Connections that failed for TLS."""
    violations: Counter[str] = field(default_factory=Counter)
    """Requests that were not as polite as they should be."""
    held: dict[str, tuple[float, str]] = field(default_factory=dict)
    """URLs that wait to be asked again: since when, and why; the oldest first."""
    lags: Distribution = field(default_factory=lambda: Distribution(LAGS))
    """Delays of timers."""
    late: deque[tuple[float, float]] = field(default_factory=deque)
    """Delays of the last minute, each with its time."""

    def recorded(self, decision: Decision) -> None:
        """Count a decision that the ledger took in."""
        grounds = decision.grounds
        signal = vocabulary.signal_of(grounds[0].signal) if grounds else vocabulary.NONE
        self.decisions[decision.outcome.value, signal] += 1
        self.held.pop(decision.asset.url, None)
        if decision.outcome is Outcome.UNDETERMINED:
            self.undetermined.update({vocabulary.reason_of(words) for words in reasons_of(decision)})
        elif any(ground.signal == "house" and ground.evidence.locator == "address" for ground in grounds):
            self.refused["gate"] += 1
        read = min((one.at for one in decision.asked if one.carrier in _SITE_LEVEL), default=None)
        if read is not None:
            self.policy_ages.add(max((decision.at - read).total_seconds(), 0.0))

    def put_off(self, decision: Decision) -> None:
        """Note a URL that will be asked again because of this decision."""
        url = decision.asset.url
        if url in self.held or len(self.held) < HELD:
            since = self.held[url][0] if url in self.held else self.clock()
            self.held[url] = since, vocabulary.first(reasons_of(decision))

    def policy_read(self, capture: Capture) -> None:
        """Count the answer, or the missing answer, to a request for a site-level file or document."""
        parts = urlsplit(capture.url)
        source = parts.path if parts.path in vocabulary.SOURCES and not parts.query else "document"
        if capture.status is None:
            result = "failed"
        elif not capture.complete:
            result = "incomplete"
        else:
            result = vocabulary.status_class(capture.status)
        self.policy[source, result if result in vocabulary.RESULTS else "failed"] += 1

    def late_by(self, seconds: float) -> None:
        """Count how late a timer was."""
        now = self.clock()
        self.lags.add(seconds)
        self.late.append((now, seconds))
        while self.late[0][0] < now - MINUTE:
            self.late.popleft()

    @property
    def held_reasons(self) -> Counter[str]:
        """How many URLs wait to be asked again, by reason."""
        return Counter(reason for _, reason in self.held.values())

    @property
    def held_for(self) -> float:
        """Seconds that the oldest of them has waited; 0 where there is none."""
        return max(self.clock() - next(iter(self.held.values()))[0], 0.0) if self.held else 0.0

    @property
    def worst_lag(self) -> float:
        """The latest that a timer was within the last minute."""
        return max((seconds for _, seconds in self.late), default=0.0)


def _words(bound: float) -> str:
    return repr(float(bound))
