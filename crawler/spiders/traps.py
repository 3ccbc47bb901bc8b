"""Hosts that have no end: what of their links is taken up, and what is left.

A link is looked at when it is found and is not known yet, and once more when its turn comes. What is left when
it is found is not taken into the frontier: of each sort a few are decided on, for the record, and the rest is
not considered any more. A link about which something was said is treated with more care, because what was said
must not get lost: it is taken into the frontier, and left when its turn comes. Only where a host or domain has
used up its budget it is left as well, and then nothing new of that host is ever taken up in this corpus.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial

from crawler.aside import SLICE, pause
from crawler.captures import now
from crawler.domains import politeness_domain
from crawler.frontier.bounds import Bounds
from crawler.frontier.contract import Entry, Frontier, Offer, Shut
from crawler.frontier.known import Known
from crawler.frontier.pattern import Shape, may_run_away, parameters, repeated, shape_of
from crawler.optout.grammar.links import Outlinks
from crawler.optout.model import Capture, Kind, Preference
from crawler.sitefiles import SingleFlight
from crawler.spiders.alike import Alike

SAID = 10
"""Links of one sort and place that are decided on, for the record; the rest is not considered."""

AHEAD = timedelta(days=730)
"""Dates further ahead than this are not taken for an agenda any more."""

HOSTS = 10_000
"""Hosts and domains remembered; what is forgotten is read from the frontier again."""

COUNTED = 5_000
"""Patterns with dates, and URLs with sessions, remembered for each host."""

LATELY = 300_000
"""URLs remembered as taken up; all others are looked up in the frontier."""

FOREIGN = 300_000
"""URLs remembered that nobody but other domains has named yet; of all others it is taken that their own did."""

AT_ONCE = 1_000
"""URLs of a host that are read from the frontier in one go."""

PLACES = 100_000
"""Sorts and places of links that were left, remembered so that few of each are put on record."""

BUDGET, OF_DOMAIN, REFUSALS, LEFT = "budget", "domain-budget", "refusals", "left"
"""Why a place is shut; the last: it is open, and something of it was left."""

_shape = lru_cache(maxsize=8_192)(shape_of)


@dataclass(frozen=True, slots=True)
class Trapped:
    """Why a link is left."""

    reason: str
    """A word for the record: budget, depth, parameters, repeats, calendar, session or alike."""
    words: str
    """The same in words."""
    place: str
    """The host, domain or pattern that it was left at."""


@dataclass(frozen=True, slots=True)
class Left:
    """A link that is not taken up."""

    offer: Offer
    """The link."""
    why: Trapped
    """What keeps us from it."""
    told: bool
    """Whether it is put on record: the first few of a sort and place are."""


@dataclass(slots=True)
class _Host:
    """What is known of one host."""

    urls: int = 0
    foreign: int = 0
    """Those among them that pages of other hosts named, since it was met in this invocation."""
    shut: dict[str, set[str]] = field(default_factory=dict)
    """Patterns by reason; the empty one is the whole host."""
    dates: OrderedDict[str, set[object]] = field(default_factory=OrderedDict)
    ahead: OrderedDict[str, set[object]] = field(default_factory=OrderedDict)
    sessions: OrderedDict[str, set[object]] = field(default_factory=OrderedDict)

    def is_shut(self, reason: str, pattern: str = "") -> bool:
        return pattern in self.shut.get(reason, ())


class Traps:
    """The bounds of one crawl, and how near to them every host has come."""

    def __init__(
        self, frontier: Frontier, bounds: Bounds, counted: Callable[[str], None] = lambda _: None
    ) -> None:
        """``counted`` is told the reason of every link that is left when it is found."""
        self._frontier = frontier
        self._bounds = bounds
        self._counted = counted
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._domains: OrderedDict[str, _Host] = OrderedDict()
        self._taken = Known(LATELY)
        self._foreign = Known(FOREIGN)
        self._said: Counter[tuple[str, str]] = Counter()
        self._alike = Alike()
        self._flights = SingleFlight()

    def unread(self, places: Iterable[Offer | Entry]) -> dict[str, str]:
        """The hosts of these that are not known yet, each with its domain: they can be :meth:`read`."""
        return {one.host: one.domain for one in places if one.host not in self._hosts}

    async def read(self, hosts: Mapping[str, str]) -> None:
        """Read from the frontier what is known of hosts, in slices: one can have a hundred thousand URLs.

        Nothing of a host may be taken up meanwhile. What is not read before is read when it is asked for.
        """
        for count, (name, domain) in enumerate(hosts.items(), 1):
            if name not in self._hosts:
                await self._flights.run(name, partial(self._read, domain, name))
            if count % SLICE == 0:
                await pause()

    async def _read(self, domain: str, name: str) -> None:
        found = self._opened(name)
        for _ in self._counted_in(found, domain, name):
            await pause()
        self._hosts.setdefault(name, found)
        self._domain(domain)

    def taken(self, offers: Iterable[Offer], by: str = "") -> tuple[list[Offer], list[Left]]:
        """The offers that are taken up, and those that are left.

        ``by``: the host that names them; "" where it is their own.
        """
        offers = list(offers)
        domain = politeness_domain(by) if by else ""
        known = self._known(offers)
        taken: list[Offer] = []
        left: list[Left] = []
        for offer in offers:
            strange = bool(by) and domain != offer.domain
            if offer.url in self._taken or offer.url in known:
                if not strange:
                    self._foreign.discard(offer.url)
                self._taken.add(offer.url)
                taken.append(offer)
                continue
            trapped = self._left(offer, foreign=bool(by) and by != offer.host)
            if trapped is None:
                if strange:
                    self._foreign.add(offer.url)
                self._taken.add(offer.url)
                taken.append(offer)
            else:
                self._counted(trapped.reason)
                left.append(self._on_record(offer, trapped))
        return taken, left

    def objection(self, entry: Entry) -> tuple[str, str] | None:
        """Why an entry whose turn has come is left, as ``(reason, words)``; what is kept already never is."""
        if entry.seed or entry.kept:
            return None
        trapped = self._rule(self._host(entry.domain, entry.host), entry.url, entry.kind, entry.depth)
        return None if trapped is None else (trapped.reason, trapped.words)

    def visited(self, entry: Entry, capture: Capture, links: Outlinks, found: Sequence[Offer]) -> None:
        """A page was read; ``found``: what it leads to, as far as that was not offered lately."""
        bound = self._bounds.alike
        if not bound or entry.seed:
            return
        host = self._host(entry.domain, entry.host)
        pattern = _shape(entry.url).pattern
        leads_on = any(
            one.kind is Kind.TEXT and one.host == entry.host and one.url not in self._taken for one in found
        )
        shown = [image.url for image in links.images]
        if self._alike.visited(entry.host, pattern, capture, shown, leads_on=leads_on) >= bound:
            self._shut(host, Shut(name=entry.host, pattern=pattern, reason="alike"))

    def has_left(self, entry: Entry) -> bool:
        """Whether links to this host were left: its pages are then asked for whole, never only for changes.

        A page that has not changed would not name its links again.
        """
        return (self._hosts.get(entry.host) or self._opened(entry.host)).is_shut(LEFT)

    def is_foreign(self, entry: Entry) -> bool:
        """Whether, as far as is remembered, only other domains name it: anybody can invent URLs of a host.

        Of a feed or sitemap it is not remembered who named it.
        """
        return not entry.seed and (entry.link_only or entry.url in self._foreign)

    def moved(self, entry: Entry, offer: Offer) -> None:
        """An entry redirects to ``offer``, which is as foreign as the entry itself."""
        if self.is_foreign(entry) and not offer.seed:
            self._foreign.add(offer.url)

    def refuses(self, entry: Entry) -> bool:
        """Whether the host refused too often in this run, before it was interrupted too."""
        return self._host(entry.domain, entry.host).is_shut(REFUSALS)

    def refused(self, entry: Entry) -> None:
        """The host refused too often: it is left alone until everything is asked again."""
        host = self._host(entry.domain, entry.host)
        if not host.is_shut(REFUSALS):
            self._shut(host, Shut(name=entry.host, reason=REFUSALS))

    def _known(self, offers: Sequence[Offer]) -> set[str]:
        asked = [one.url for one in offers if one.url not in self._taken]
        return self._frontier.known(asked) if asked else set()

    def _left(self, offer: Offer, *, foreign: bool) -> Trapped | None:
        """Why a link that is not known yet is left; None: it is counted, and taken up."""
        host, domain = self._host(offer.domain, offer.host), self._domain(offer.domain)
        if offer.seed:  # where a seed redirects to
            host.urls += 1
            domain.urls += 1
            return None
        bound = _denied(offer)
        trapped = self._spent(host, BUDGET, offer.host, self._bounds.host_urls)
        half = self._bounds.host_urls // 2
        if trapped is None and foreign and not bound and half and host.foreign >= half:
            # Anybody can invent URLs of a host; what its own pages name has to find room beside them.
            trapped = Trapped("budget", f"more than {half:,} URLs of its host that others name", offer.host)
        if trapped is None:
            trapped = self._spent(domain, OF_DOMAIN, offer.domain, self._bounds.domain_urls)
        if trapped is None:
            trapped = self._rule(host, offer.url, offer.kind, offer.depth)
            if trapped is None or bound:
                host.foreign += foreign
                host.urls += 1
                domain.urls += 1
                return None
        elif bound:
            whole, reason = (domain, OF_DOMAIN) if trapped.place == offer.domain + "." else (host, BUDGET)
            if not whole.is_shut(reason):
                name = trapped.place.removesuffix(".")
                self._shut(whole, Shut(name=name, reason=reason, lasting=True))
        if not host.is_shut(LEFT):
            self._shut(host, Shut(name=offer.host, reason=LEFT, lasting=True))
        return trapped

    def _spent(self, place: _Host, reason: str, name: str, bound: int) -> Trapped | None:
        """Why nothing new of a host or domain is taken up. The dot tells a domain from a host of its name."""
        if not (place.is_shut(reason) or (bound and place.urls >= bound)):
            return None
        what, mark = ("domain", ".") if reason == OF_DOMAIN else ("host", "")
        return Trapped("budget", f"more than {bound:,} URLs of its {what}", name + mark)

    def _rule(self, host: _Host, url: str, kind: Kind, depth: int) -> Trapped | None:
        """Why a URL is left whatever else is visited."""
        bounds = self._bounds
        if bounds.depth and depth > bounds.depth and kind is not Kind.IMAGE:
            return Trapped("depth", f"{depth:,} links from a seed, more than {bounds.depth:,}", "")
        if bounds.parameters and parameters(url) > bounds.parameters:
            return Trapped("parameters", f"more than {bounds.parameters:,} parameters", "")
        if bounds.repeats and repeated(url) > bounds.repeats:
            return Trapped("repeats", f"a part of its path more than {bounds.repeats:,} times", "")
        alike = host.shut.get("alike")
        if alike and (pattern := _shape(url).pattern) in alike:
            words = f"{bounds.alike:,} pages in a row brought nothing but links: {_quoted(pattern)}"
            return Trapped("alike", words, pattern)
        if not may_run_away(url):
            return None
        shape = _shape(url)
        return self._of_dates(host, shape) or self._of_sessions(host, shape)

    def _of_dates(self, host: _Host, shape: Shape) -> Trapped | None:
        if not shape.days:
            return None
        bounds, pattern = self._bounds, shape.pattern
        if max(shape.days) > _horizon(now()) and not _fits(
            host.ahead, pattern, shape.days, bounds.future_dates
        ):
            words = f"more than {bounds.future_dates:,} dates far ahead: {_quoted(pattern)}"
            return Trapped("calendar", words, pattern)
        if not _fits(host.dates, pattern, shape.days, bounds.dates):
            return Trapped("calendar", f"more than {bounds.dates:,} dates: {_quoted(pattern)}", pattern)
        return None

    def _of_sessions(self, host: _Host, shape: Shape) -> Trapped | None:
        if shape.session is None or _fits(host.sessions, shape.rest, shape.session, self._bounds.sessions):
            return None
        words = f"more than {self._bounds.sessions:,} sessions of one URL: {_quoted(shape.pattern)}"
        return Trapped("session", words, shape.pattern)

    def _on_record(self, offer: Offer, trapped: Trapped) -> Left:
        key = trapped.reason, trapped.place or offer.host
        if len(self._said) > PLACES:
            self._said.clear()
        self._said[key] += 1
        if self._said[key] == SAID:
            words = f"{trapped.words}; further links that are left for this are not considered"
            trapped = Trapped(trapped.reason, words, trapped.place)
        return Left(offer, trapped, self._said[key] <= SAID)

    def _shut(self, host: _Host, where: Shut) -> None:
        self._frontier.shut(where)
        host.shut.setdefault(where.reason, set()).add(where.pattern)

    def _host(self, domain: str, name: str) -> _Host:
        """What is known of a host; read from the frontier when it is met first, or was forgotten."""
        found = self._hosts.get(name)
        if found is None:
            found = self._hosts[name] = self._opened(name)
            for _ in self._counted_in(found, domain, name):
                pass
        self._hosts.move_to_end(name)
        if len(self._hosts) > HOSTS:
            self._hosts.popitem(last=False)
        return found

    def _counted_in(self, found: _Host, domain: str, name: str) -> Iterator[None]:
        """Count in what the frontier has of a host; yields after each slice but the last."""
        last = 0
        while offered := self._frontier.offered(domain, name, last, AT_ONCE):
            last = offered[-1][0]
            for _, url in offered:
                if may_run_away(url):  # in the order in which they came: the same ones fit
                    shape = shape_of(url)
                    if self._of_dates(found, shape) is None:
                        self._of_sessions(found, shape)
            found.urls += len(offered)
            if len(offered) < AT_ONCE:
                return
            yield

    def _domain(self, name: str) -> _Host:
        found = self._domains.get(name)
        if found is None:
            found = self._domains[name] = self._opened(name)
            found.urls = self._frontier.size(name)
            if len(self._domains) > HOSTS:
                self._domains.popitem(last=False)
        self._domains.move_to_end(name)
        return found

    def _opened(self, name: str) -> _Host:
        found = _Host()
        for where in self._frontier.shut_at(name):
            found.shut.setdefault(where.reason, set()).add(where.pattern)
        return found


def _fits(counts: OrderedDict[str, set[object]], key: str, what: object, bound: int) -> bool:
    """Whether ``what`` is among the first ``bound`` of its key; it is counted when it is."""
    if not bound:
        return True
    met = counts.setdefault(key, set())
    counts.move_to_end(key)
    if len(counts) > COUNTED:
        counts.popitem(last=False)
    if what in met:
        return True
    if len(met) >= bound:
        return False
    met.add(what)
    return True


def _denied(offer: Offer) -> bool:
    """Whether something was said against the URL that must not get lost."""
    return any(said.preference is not Preference.ALLOW for said in offer.inherited)


def _horizon(at: datetime) -> tuple[int, int, int]:
    ahead = at + AHEAD
    return ahead.year, ahead.month, ahead.day


def _quoted(pattern: str) -> str:
    return pattern[:200]
