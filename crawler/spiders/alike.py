"""Pages that bring nothing but further links, told by the words and images of the page before.

A hash of each of a sample of words is compared, in memory, from one page of a pattern to the next. What changes
on an empty page of a calendar or of a list without end does not count: the names of months and days, small
numbers, years, and what its own URL says.
"""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest

from crawler.optout.grammar.charset import charset_of, decode
from crawler.optout.model import Capture

READ = 131_072
"""Octets of a page that are looked at."""

SAMPLE = 128
"""Words that stand for a page: those with the smallest hashes."""

PATTERNS = 20_000
"""Patterns remembered, over all hosts; about 1.5 KiB each at most."""

OF_ONE_HOST = 200
"""Patterns of one host remembered; the one that was met longest ago goes first."""

NEAR = 20
"""A number so close to one in the page's own URL is the number of a neighbour."""

_TEXT = re.compile(r"(?:\A|>)([^<>]+)")
_WORD = re.compile(r"\d+(?:[.,:]\d+)+|\w+")
_NAMES = """
january february march april may june july august september october november december jan feb mar apr jun jul
aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi
vendredi samedi dimanche enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
diciembre lunes martes miércoles jueves viernes sábado domingo
"""
_CHANGING = frozenset(_NAMES.split())


@dataclass(slots=True)
class _Streak:
    host: str
    seen: int = 0
    run: int = 0
    words: array[int] | None = None  # a set of them takes nine times as much
    images: int = 0


class Alike:
    """Counts pages of one pattern in a row that are as the one before and lead on."""

    def __init__(self) -> None:
        self._streaks: OrderedDict[tuple[str, str], _Streak] = OrderedDict()
        self._of_host: dict[str, OrderedDict[tuple[str, str], None]] = {}

    def visited(
        self, host: str, pattern: str, capture: Capture, images: Iterable[str], *, leads_on: bool
    ) -> int:
        """How many pages of the pattern in a row, up to this one, brought nothing but further links."""
        streak = self._streak(host, pattern)
        streak.seen += 1
        if not leads_on:
            streak.run, streak.words = 0, None
        elif streak.seen > 2:  # most patterns are met once
            words, shown = words_of(capture), hash(frozenset(images))
            before = frozenset(streak.words) if streak.words is not None and shown == streak.images else None
            streak.run = streak.run + 1 if before is not None and _alike(words, before) else 0
            streak.words, streak.images = array("q", words), shown
        return streak.run

    def __len__(self) -> int:
        return len(self._streaks)

    def _streak(self, host: str, pattern: str) -> _Streak:
        key = host, pattern
        streak = self._streaks.get(key)
        if streak is None:
            streak = self._streaks[key] = _Streak(host)
            mine = self._of_host.setdefault(host, OrderedDict())
            mine[key] = None
            if len(mine) > OF_ONE_HOST:
                self._forget(next(iter(mine)))
            elif len(self._streaks) > PATTERNS:
                self._forget(next(iter(self._streaks)))
        self._streaks.move_to_end(key)
        self._of_host[host].move_to_end(key)
        return streak

    def _forget(self, key: tuple[str, str]) -> None:
        del self._streaks[key]
        mine = self._of_host[key[0]]
        del mine[key]
        if not mine:
            del self._of_host[key[0]]


def words_of(capture: Capture) -> frozenset[int]:
    """A sample of a page's words, as hashes; without those that change although nothing new is said."""
    source = _without_scripts(decode(capture.body[:READ], charset_of(capture)).lower())
    found = {word for text in _TEXT.findall(source) for word in _WORD.findall(text)}
    own = set(_WORD.findall(capture.url.lower()))
    numbers = {int(word) for word in own if _is_number(word)}
    said = (hash(word) for word in found if word not in own and not _changes(word, numbers))
    return frozenset(nsmallest(SAMPLE, said))


def _changes(word: str, numbers: set[int]) -> bool:
    if not _is_number(word):
        return word in _CHANGING
    number = int(word)
    return (
        number <= 31 or (len(word) == 4 and number >= 1000) or any(abs(number - own) <= NEAR for own in numbers)
    )


def _is_number(word: str) -> bool:
    return len(word) <= 18 and word.isascii() and word.isdigit()


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether each has at most one word that the other has not, as far as both samples reach."""
    if len(one) == len(other) == SAMPLE:
        reach = min(max(one), max(other))
        one, other = ({mark for mark in marks if mark <= reach} for marks in (one, other))  # type: ignore[assignment]
    return len(one - other) <= 1 and len(other - one) <= 1


def _without_scripts(source: str) -> str:
    """The page without its scripts; in one pass, however they are nested or left open."""
    kept: list[str] = []
    at = 0
    while (begins := source.find("<script", at)) >= 0:
        kept.append(source[at:begins])
        at = source.find("</script", begins)
        if at < 0:
            return "".join(kept)
    kept.append(source[at:])
    return "".join(kept)
