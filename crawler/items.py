"""What the spider hands to the pipeline: the end of one URL's way, and what was found on it."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.frontier.contract import Entry, Offer
from crawler.optout.model import Capture, Decision, Hop


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One URL was asked, or left."""

    entry: Entry
    """What was handed out."""
    decision: Decision
    """How it ended."""
    capture: Capture | None = None
    """The content, when it is to be kept."""
    dropped: str | None = None
    """SHA-256 of content that was judged and dropped as reserved, by its own word or another URL's."""
    readings: tuple[tuple[Capture, str], ...] = ()
    """What else the decision rests on, each with what it was read for."""
    hops: tuple[Hop, ...] = ()
    """The redirects that led here."""
    offers: tuple[Offer, ...] = ()
    """Where it leads."""
    moved_to: str | None = None
    """Where it is instead: what is said of it is said of that URL; None: it did not move."""
    left: tuple[Decision, ...] = ()
    """Decisions on links that are not followed, such as those out of scope."""
    answered: bool | None = False
    """Whether the server gave something to judge, for seeds; None: its redirect leads to where that is told."""
    retry_at: float | None = None
    """Earliest time to ask again, frontier clock; None: no retry."""
    hold_until: float | None = None
    """The whole domain asked to be left alone until then, frontier clock."""
    title: str | None = None
    """The page's title."""
    author: str | None = None
    """The page's declared author."""
    licence: str | None = None
    """What licenses it, or the open licence that it names."""
    attribution: str | None = None
    """How it is credited."""
    date: str | None = None
    """The page's declared date of publication, as written."""
    canonical: str | None = None
    """The page's declared canonical URL."""
    media_type: str | None = None
    """What the bytes are."""
    width: int | None = None
    """Pixels, for images."""
    height: int | None = None
    """Pixels, for images."""
