"""Decisions over time, in steps that are as small as a chart can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice

from crawler.audit.report.model import PeriodRow
from crawler.optout.codec import time_from_text, time_to_text

MOST = 60
"""Periods at most, where the smallest unit that keeps to it is chosen."""

_UNITS = (13, 10, 7, 4)
# Letters of an RFC 3339 time that name its hour, day, month, year.


class Clock:
    """Counts decisions by their hour. Takes memory for hours, not for decisions."""

    def __init__(self) -> None:
        self._hours: Counter[tuple[str, str]] = Counter()

    def note(self, at: str, ending: str) -> None:
        """A decision at a time (RFC 3339) that ended so: ``kept`` or its outcome. Raises ``Malformed``."""
        utc = at if at.endswith("Z") else time_to_text(time_from_text(at))
        self._hours[utc[: _UNITS[0]], ending] += 1

    def rows(self) -> tuple[PeriodRow, ...]:
        """In order and without gaps, by hour, day, month or year, whichever is the first that gives few."""
        if not self._hours:
            return ()
        hours = sorted({hour for hour, _ in self._hours})
        starts: list[str] = []
        for letters in _UNITS:
            # Of years all, of anything smaller only as many as tell that they are too many.
            most = None if letters == _UNITS[-1] else MOST + 1
            starts = list(islice(_from(hours[0][:letters], hours[-1][:letters]), most))
            if len(starts) <= MOST:
                break
        counts: Counter[tuple[str, str]] = Counter()
        for (hour, ending), number in self._hours.items():
            counts[hour[: len(starts[0])], ending] += number
        return tuple(_row(start, counts) for start in starts)


def _row(start: str, counts: Mapping[tuple[str, str], int]) -> PeriodRow:
    return PeriodRow(
        start=start,
        kept=counts[start, "kept"],
        reserved=counts[start, "reserved"],
        undetermined=counts[start, "undetermined"],
        skipped=counts[start, "skipped"],
    )


def _from(first: str, last: str) -> Iterator[str]:
    """Every period from the first to the last."""
    if len(first) >= 10:
        hourly = len(first) == 13
        step = timedelta(hours=1) if hourly else timedelta(days=1)
        at = datetime.fromisoformat(first + (":00" if hourly else "")).replace(tzinfo=UTC)
        while (start := at.isoformat()[: len(first)]) < last:
            yield start
            at += step
        yield last
        return
    year, month = int(first[:4]), int(first[5:7] or 1)
    while (start := f"{year:04}-{month:02}"[: len(first)]) < last:
        yield start
        year, month = (year, month + 1) if len(first) == 7 and month < 12 else (year + 1, 1)
    yield last
