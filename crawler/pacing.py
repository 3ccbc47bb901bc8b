"""How fast a domain may be asked: the operator's delay, and what its hosts ask for in robots.txt.

Crawl-delay and Request-rate can only slow us down. A delay above the operator's cap means that the host is
skipped, never that it is crawled faster; a Visit-time window is waited for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from crawler.domains import host_of, politeness_domain
from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.manners import Manners, manners
from crawler.optout.host import Host
from crawler.optout.model import Capture, Standing

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

NONE = Manners()

SLOW = 10.0
"""Seconds to the first octets of an answer from which on a server is taken to be in trouble."""

FIRST = 0.1
"""Seconds of the first pause of a back-off, where none is made otherwise."""

RECOVERS = 0.75
"""What a back-off is multiplied by at every answer without trouble; trouble doubles it."""

TROUBLED = 20_000
"""Domains whose trouble is remembered; the one that had any longest ago is forgotten first."""

OF_NAMES = frozenset({"DNSLookupError", "CannotResolveHostError", "NameRefused"})
"""Errors before a server was ever reached."""


class Pacer:
    """Knows the pace of every origin met, and tells Scrapy's downloader."""

    def __init__(
        self,
        crawler: Crawler,
        agents: Sequence[str],
        cap: float,
        slot: Callable[[str], str] = politeness_domain,
    ) -> None:
        """``agents``: our product tokens; ``cap``: seconds, the longest delay that is waited for.

        ``slot``: the downloader slot in which a host is asked.
        """
        self._slot = slot
        self._crawler = crawler
        self._agents = (*agents, *FRAMEWORK_AGENTS)
        self._cap = cap
        self._read = lambda capture: manners(capture, self._agents)  # one object, so that a parse is shared
        self._default = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._most = crawler.settings.getfloat("OPTOUT_MAX_BACKOFF", 60.0)
        self._asked: dict[str, float] = {}
        self._backoff: OrderedDict[str, float] = OrderedDict()
        self._met: set[str] = set()

    def learn(self, host: Host) -> Manners:
        """Take in what an origin's robots.txt asks for, and slow its whole domain down to it."""
        asked = self.of(host)
        if asked.delay is not None and self._default < asked.delay <= self._cap:
            self._slow(self._slot(host_of(host.origin)), asked.delay)
        return asked

    def of(self, host: Host) -> Manners:
        """What this origin asks for; nothing when it has no robots.txt."""
        got = host.received("/robots.txt")
        if got.standing is not Standing.KNOWN:
            return NONE
        return got.capture.parsed(self._read)

    def objection(self, host: Host, at: datetime) -> tuple[str, str] | None:
        """Why an origin is not to be asked at the time ``at``, as ``(reason, words)``; None: it may be.

        It asks for longer pauses than the operator is ready to make, or for visits at another time of the day.
        """
        asked = self.of(host)
        if asked.delay is not None and asked.delay > self._cap:
            return "crawl-delay", f"asks for {asked.delay:g} s, the cap is {self._cap:g} s"
        opens = opens_at(asked.windows, at)
        return None if opens is None else ("visit-time", opens.isoformat())

    def answered(self, name: str, status: int, seconds: float) -> None:
        """A server of a domain answered, after ``seconds``: 429, 5xx and slow answers slow us down."""
        if status in (408, 429) or status >= 500 or seconds > SLOW:
            self._back_off(name)
        else:
            self._recover(name)

    def failed(self, name: str, error: BaseException) -> None:
        """A request got no answer, or not all of it."""
        if type(error).__name__ not in OF_NAMES:
            self._back_off(name)

    def heard(self, capture: Capture) -> None:
        """A site-level file or document was asked for."""
        if capture.status is not None:
            last = capture.hops[-1].url if capture.hops else capture.url
            if capture.status in (408, 429) or capture.status >= 500:
                self._back_off(self._slot(host_of(last)))

    def careful(self, name: str) -> None:
        """Begin slowly with a domain that did not answer before this crawl was resumed."""
        if name not in self._met:
            self._back_off(name)

    def _back_off(self, name: str) -> None:
        self._met.add(name)
        now = max(self._backoff.pop(name, 0.0), self._base(name))
        self._backoff[name] = min(max(2 * now, FIRST), max(self._most, self._base(name)))
        if len(self._backoff) > TROUBLED:
            oldest = next(iter(self._backoff))
            del self._backoff[oldest]
            self._pace(oldest)
        self._pace(name)

    def _recover(self, name: str) -> None:
        pause = self._backoff.get(name)
        if pause is None:
            return
        pause *= RECOVERS
        if pause <= max(self._base(name), FIRST):
            del self._backoff[name]
        else:
            self._backoff[name] = pause
        self._pace(name)

    def _base(self, name: str) -> float:
        """The pause without trouble: the operator's, or a longer one that is asked for."""
        configured = self._crawler.settings.getdict("DOWNLOAD_SLOTS").get(name, {}).get("delay", self._default)
        return max(float(configured), self._asked.get(name, 0.0))

    def _pace(self, name: str) -> None:
        """Make the downloader pause as long as it should now."""
        engine = self._crawler.engine
        assert engine is not None
        delay = max(self._base(name), self._backoff.get(name, 0.0))
        known = engine.downloader.per_slot_settings.setdefault(name, {})
        known["delay"], known["jitter"] = delay, 0.0
        slot = engine.downloader.slots.get(name)
        if slot is not None:
            slot.delay, slot.jitter = delay, 0.0

    def _slow(self, name: str, delay: float) -> None:
        self._asked[name] = max(self._asked.get(name, 0.0), delay)
        engine = self._crawler.engine
        assert engine is not None
        downloader = engine.downloader
        known = downloader.per_slot_settings.setdefault(name, {})  # for slots that are made later
        known["delay"] = max(float(known.get("delay", 0.0)), delay)
        known["jitter"] = 0.0  # half of what was asked for is not what was asked for
        slot = downloader.slots.get(name)
        if slot is not None:
            slot.delay, slot.jitter = max(slot.delay, delay), 0.0


def opens_at(windows: Sequence[tuple[int, int]], at: datetime) -> datetime | None:
    """When the next window opens; None: one is open now, or there are none.

    ``windows``: minutes of the day, UTC, first and last, the last not included.
    """
    if not windows:
        return None
    minute = at.hour * 60 + at.minute
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    waits = []
    for start, end in windows:
        inside = start <= minute < end if start < end else minute >= start or minute < end
        if inside:
            return None
        waits.append((start - minute) % 1440)
    return midnight + timedelta(minutes=minute + min(waits))


def seconds_asked(retry_after: str | None, at: datetime) -> float:
    """Seconds that a ``Retry-After`` asks us to stay away (RFC 9110 §10.2.3), a day at most; 0 for none."""
    value = (retry_after or "").strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), 86_400))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - at) / timedelta(seconds=1), 0.0), 86_400.0)
