"""What a robots.txt asks of the pace: never standardised, honoured all the same.

Grammar as in use (https://en.wikipedia.org/wiki/Robots.txt#Nonstandard_extensions)::

    Crawl-delay:  seconds                              ; decimal
    Request-rate: documents "/" period [unit] [window] ; unit = s / m / h / d, seconds without one
    Visit-time:   window                               ; window = HHMM "-" HHMM, UTC
    Sitemap:      URL

What does not follow it is ignored: a pace cannot be guessed. A rate that is asked for only in a window is kept
at all hours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.optout.grammar.groups import addressed, bound
from crawler.optout.grammar.robots import Line, robots_of
from crawler.optout.model import Capture

_DECIMAL = re.compile(r"\+?(\d+(\.\d*)?|\.\d+)s?", re.ASCII)
_RATE = re.compile(r"(\d{1,300})\s*/\s*(\d{1,300})\s*([smhd]?)(\s.*)?", re.IGNORECASE | re.ASCII)
_WINDOW = re.compile(r"(\d{1,2}):?(\d\d)(?:\s*-\s*|\s+)(\d{1,2}):?(\d\d)", re.ASCII)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DELAY = frozenset({"crawl-delay", "crawl delay"})
_REQUEST_RATE = frozenset({"request-rate", "request rate"})
_VISIT_TIME = frozenset({"visit-time", "visit time"})
_SITEMAP = frozenset({"sitemap", "sitemaps", "site-map"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """The pace that one robots.txt asks of us, and where it says its pages are listed."""

    delay: float | None = None
    """Seconds between two requests: the longest asked for, not capped. None: not asked for."""
    windows: tuple[tuple[int, int], ...] = ()
    """When to visit, as minutes after midnight UTC, first included, last not; ``last < first`` runs past
    midnight. Several are alternatives. Empty: at any time."""
    sitemaps: tuple[str, ...] = ()
    """Sitemap URLs as written, each once."""
    lines: tuple[Line, ...] = ()
    """The lines all this was read from, in order."""


def manners(capture: Capture, agents: Iterable[str]) -> Manners:
    """What the captured robots.txt asks of a crawler with the product tokens ``agents``.

    The first agent is bound by its group or, without one, by ``*``; the others (further tokens, the framework's
    names) only by groups that name them. Lines before any group concern everyone.
    """
    robots = capture.parsed(robots_of)
    first, *aliases = agents
    bounds = [bound(capture, first), *(addressed(capture, name) for name in aliases)]
    lines = set(robots.outside)
    for binding in bounds:
        if binding is not None:
            lines.update(binding.others)
            lines.update(binding.loose_others)
    everywhere = [*robots.outside, *(line for group in robots.groups for line in group.others)]

    used: set[Line] = set()
    delay: float | None = None
    windows: dict[tuple[int, int], None] = {}
    for line in sorted(lines):
        seconds = _seconds(line)
        window = _window(line.value) if line.key in _VISIT_TIME else None
        if seconds is not None:
            delay = seconds if delay is None else max(delay, seconds)
            used.add(line)
        if window is not None:
            windows[window] = None
            used.add(line)
    sitemaps = [line for line in everywhere if line.key in _SITEMAP and line.value]
    return Manners(
        delay=delay,
        windows=tuple(windows),
        sitemaps=tuple(dict.fromkeys(line.value for line in sitemaps)),
        lines=tuple(sorted(used.union(sitemaps))),
    )


def _seconds(line: Line) -> float | None:
    """The delay that a ``Crawl-delay`` or ``Request-rate`` line asks for."""
    if line.key in _DELAY:
        number = _DECIMAL.fullmatch(line.value)
        return float(number[1]) if number else None
    if line.key in _REQUEST_RATE:
        rate = _RATE.fullmatch(line.value)
        if rate is None or not int(rate[1]) or not int(rate[2]):
            return None
        seconds = int(rate[2]) * _SECONDS[rate[3].lower()] / int(rate[1])
        return seconds if math.isfinite(seconds) else None
    return None


def _window(value: str) -> tuple[int, int] | None:
    match = _WINDOW.fullmatch(value)
    if match is None:
        return None
    hour, minute, last_hour, last_minute = map(int, match.groups())
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    valid = minute < 60 and last_minute < 60 and start < 1440 and end <= 1440 and start != end
    return (start, end) if valid else None
