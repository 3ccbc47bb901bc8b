"""The ways to refuse one crawler, each with an example, and which of them its rules let it pass over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit.refusals import IN_WORDS, REFUSALS, Refusal
from crawler.optout import SIGNALS
from crawler.optout.model import Purpose, Reading

if TYPE_CHECKING:
    from crawler.audit.report.bot import Crawler
    from crawler.optout.model import Signal

OURS = frozenset({"denylist", "licence", "oversize"})
"""Signals with which no creator refuses anything."""
FIRST = "robots"
"""The signal whose example stands at the top of the page."""
TO_OTHERS = frozenset({"training-tokens"})
"""Signals that are said to other crawlers; the literal reading only records them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One way to write it."""

    where: str
    """The file, header, page or picture."""
    written: str
    """What is written there."""
    refuses: str
    """What is refused by it."""
    unheeded: str | None
    """Why this crawler goes on all the same; None: it does not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One signal by which a creator refuses."""

    signal: Signal
    """What it is, with its authority and version."""
    examples: tuple[Example, ...]
    """Lines to copy."""
    words: str | None
    """What is told in words, because no line of text shows it."""


def ways(crawler: Crawler) -> Iterator[Way]:
    """All of them but :data:`FIRST`, by what they are called: first those with an example."""
    named = sorted(SIGNALS.values(), key=lambda signal: (signal.name not in REFUSALS, signal.title.lower()))
    for signal in named:
        if signal.name not in OURS | {FIRST}:
            found = REFUSALS.get(signal.name, ())
            yield Way(
                signal=signal,
                examples=tuple(example(signal.name, one, crawler) for one in found),
                words=IN_WORDS.get(signal.name),
            )


def example(signal: str, refusal: Refusal, crawler: Crawler) -> Example:
    """A refusal as it bears on this crawler."""
    return Example(
        where=refusal.where,
        written=refusal.written,
        refuses=refusal.refuses,
        unheeded=_unheeded(signal, purpose_of(signal, refusal), crawler),
    )


def purpose_of(signal: str, refusal: Refusal) -> Purpose:
    """The use that an example refuses."""
    if "for training" in refusal.refuses:
        return Purpose.AI_TRAIN
    return Purpose.TDM if "for mining" in refusal.refuses or signal in TO_OTHERS else Purpose.ANY


def _unheeded(signal: str, purpose: Purpose, crawler: Crawler) -> str | None:
    if not any(purpose.overlaps(one) for one in crawler.purposes):
        return "This crawler does not collect for the use that is refused here, and goes on."
    if signal in TO_OTHERS and crawler.reading is Reading.LITERAL:
        return "This crawler takes refusals by their letter, and goes on where only others are named."
    return None
