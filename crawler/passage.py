"""One request's way through the gate, and the three ways in which it can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapy.exceptions import IgnoreRequest

from crawler.optout.examined import Told
from crawler.optout.grammar.linked_data import Work
from crawler.optout.grammar.links import Outlinks
from crawler.optout.model import Asset, Capture, Decision, Hop, Statement


@dataclass(slots=True, eq=False)
class Passage:
    """What is known of a request that is on its way."""

    asset: Asset
    """What it is for."""
    hops: tuple[Hop, ...]
    """Redirects that led here."""
    of_images: tuple[Statement, ...] = ()
    """What is said of it elsewhere in case that it turns out to be an image, which it is not expected to be."""
    readings: list[tuple[Capture, str]] = field(default_factory=list)
    """Site-level files and documents that were read for it, each with what it was read for."""
    at_host: Decision | None = None
    """The decision of the host stage; None: not asked yet."""
    preview: Decision | None = None
    """The decision of the headers stage, on the assumption that the status is 200."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What the gate found out about a response that it lets through, in ``response.meta["optout"]``."""

    decision: Decision
    """The decision to collect it."""
    capture: Capture
    """Exactly what was judged."""
    spread: tuple[Statement, ...] = ()
    """What every image taken from this page inherits."""
    permitted: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    """What the page permits of single images, by their URLs."""
    works: Mapping[str, Work] = field(default_factory=dict)
    """What it calls those, and who made them."""
    follow: bool = True
    """Whether the page lets its links be followed."""
    links: Outlinks = field(default_factory=Outlinks)
    """Where the page leads."""
    told: Told | None = None
    """What the page says of itself; None: it is no page."""
    links_only: bool = False
    """Whether it is a feed or sitemap, which is read for its links and never kept."""
    said: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    """What a feed says about the pages it links to, by URL."""
    readings: tuple[tuple[Capture, str], ...] = ()
    """What else the decision rests on, each with what it was read for."""


class Turned(IgnoreRequest):
    """An asset was turned away at the gate. It reaches the errback; the content never does."""

    def __init__(self, decision: Decision, passage: Passage | None = None) -> None:
        super().__init__(f"{decision.outcome.value} at {decision.stage.value}: {decision.asset.url}")
        self.decision = decision
        """Why."""
        self.readings = tuple(passage.readings) if passage else ()
        """What the decision rests on, each with what it was read for."""
        self.hops = passage.hops if passage else ()
        """Redirects that led here."""
        self.links: Outlinks | None = None
        """Links of a page whose content was judged and dropped, as far as it lets them be followed."""
        self.spread: tuple[Statement, ...] = ()
        """What the images among those links inherit."""
        self.permitted: Mapping[str, tuple[Statement, ...]] = {}
        """What the page permits of single ones among them, by their URLs."""
        self.works: Mapping[str, Work] = {}
        """What it calls those, and who made them."""
        self.digest: str | None = None
        """SHA-256 of content that was judged and dropped as reserved; None: it was not read."""
        self.status: int | None = None
        """The HTTP status it was turned away with; None when nothing was asked or answered."""
        self.retry_after: str | None = None
        """The server's word on when to ask again, as written."""


class Moved(IgnoreRequest):
    """An asset is elsewhere, and the target is an asset of its own.

    Raised only for crawls that follow redirects by themselves.
    """

    def __init__(self, decision: Decision, target: str, hop: Hop, passage: Passage) -> None:
        super().__init__(f"{decision.asset.url} moved to {target}")
        self.decision = decision
        """The open decision of this hop."""
        self.target = target
        """Absolute URL of the target, as the server gave it."""
        self.hops = (*passage.hops, hop)
        """Every hop so far, this one included."""
        self.readings = tuple(passage.readings)
        """What the decision rests on, each with what it was read for."""
