"""The values that labels may have. What is none of them is counted as ``other``, never under its own name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from crawler.optout.gate import SAME_BYTES
from crawler.optout.model import Carrier, Outcome
from crawler.optout.signals import SIGNALS

OTHER = "other"
NONE = "none"
"""The signal of a decision without grounds: nothing was heard against it."""

OUTCOMES = tuple(outcome.value for outcome in Outcome)
SIGNAL_NAMES = frozenset({*SIGNALS, SAME_BYTES, "house", NONE, OTHER})
FETCH_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx", "failed", OTHER)
SOURCES = frozenset({*(file.path for one in SIGNALS.values() for file in one.host_files), "document"})
"""The site-level files, by path, and whatever a signal names beside them, such as a licence."""
RESULTS = ("2xx", "3xx", "4xx", "5xx", "incomplete", "failed")
"""``incomplete``: cut short, or not to be decoded. ``failed``: nothing answered, or it was not asked."""
VIOLATIONS = ("gap", "overlap")
"""``gap``: too soon after the one before. ``overlap``: beside more than are allowed."""
REFUSED = ("gate", "resolver")
"""``gate``: a URL, before anything was asked. ``resolver``: a name that leads to refused addresses alone."""
URL_STATES = ("queued", "leased", "waiting", "done")
DOMAIN_STATES = ("due", "leased", "parked")
"""``due``: can be asked now. ``leased``: in hand. ``parked``: only later."""

_CARRIERS = frozenset(f"{carrier.value} unreachable" for carrier in Carrier)


def signal_of(name: str) -> str:
    """The label of a signal."""
    return name if name in SIGNAL_NAMES else OTHER


@lru_cache(maxsize=1024)
def reason_of(words: str) -> str:
    """The label of a reason that :func:`crawler.tally.reasons_of` gives for what could not be told."""
    if words in _CARRIERS or words in ("document not fetched", "unknown"):
        return words
    signal, _, what = words.partition(" ")
    if signal in SIGNAL_NAMES and what == "unreadable":
        return words
    if signal in SIGNAL_NAMES and what.startswith("reader failed"):
        return "reader failed"
    return OTHER


def first(words: Iterable[str]) -> str:
    """One label for several reasons: the first in alphabetical order."""
    return min(map(reason_of, words), default="unknown")


def status_class(status: int) -> str:
    """``2xx`` and so on."""
    return f"{status // 100}xx" if 100 <= status <= 599 else OTHER
