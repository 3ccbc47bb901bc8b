"""How much of one host is taken up; 0 lifts a bound. In ``heedful.toml`` they stand under ``[traps]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Bounds on what a host can make us visit, far above what honest sites need; 0: none."""

    host_urls: int = 200_000
    """URLs of one host in one corpus, images included."""
    domain_urls: int = 1_000_000
    """URLs of one politeness domain in one corpus."""
    depth: int = 5_000
    """Links from a seed to a page."""
    parameters: int = 32
    """Parameters of a URL."""
    repeats: int = 3
    """Times that one segment stands in a path; numbers aside."""
    dates: int = 20_000
    """Different dates in URLs of one pattern; 54 years of days."""
    future_dates: int = 100
    """Different dates more than two years ahead in URLs of one pattern."""
    sessions: int = 3
    """Sessions of one URL that is the same without them."""
    alike: int = 100
    """Pages of one pattern in a row that bring nothing but further links."""
