"""The clock, which everything on record is dated by."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from crawler.audit import pieces
from crawler.corpus.errors import CorpusError
from crawler.corpus.folder import CorpusFolder
from crawler.doctor.model import Check, Patient, ok, problem, unchecked, warning
from crawler.optout.codec import time_from_text
from crawler.optout.model import Malformed

YEARS = range(2026, 2100)
"""Years that can be: the first version of this program is not older."""
WATCHED = 0.25
"""Seconds for which the clock is watched."""
STEP = 0.05
"""Seconds by which it may depart in that time; a clock that is being set jumps by more."""
AHEAD = timedelta(seconds=5)
"""By which the last entry of a ledger may be ahead, written on another machine."""


def checks(patient: Patient) -> Iterator[Check]:
    """Whether it goes, goes on, and is later than what was recorded."""
    now = datetime.now(UTC)
    said = f"{now:%Y-%m-%d %H:%M:%S} UTC, local time zone {time.strftime('%Z')} ({time.strftime('%z')})"
    if now.year not in YEARS:
        yield problem("clock", f"{said}: that cannot be", "set the clock, best by NTP")
    else:
        yield ok("clock", said)
    wall, steady = time.time(), time.monotonic()
    time.sleep(WATCHED)
    apart = (time.time() - wall) - (time.monotonic() - steady)
    if abs(apart) > STEP:
        yield warning(
            "clock steps",
            f"it was set by {apart:+.2f} s just now",
            "have it set slowly: NTP slews, it does not step",
        )
    else:
        yield ok("clock steps", f"it went evenly for {WATCHED:g} s")
    if patient.corpus is not None:
        yield _against_the_ledger(patient, now)


def _against_the_ledger(patient: Patient, now: datetime) -> Check:
    assert patient.corpus is not None
    name = "clock and ledger"
    try:
        last = last_time(CorpusFolder.read(patient.corpus))
    except (CorpusError, Malformed, OSError, ValueError, LookupError) as error:
        return unchecked(name, f"the last entry cannot be read ({type(error).__name__})")
    if last is None:
        return ok(name, "the ledger has no entry yet")
    if last > now + AHEAD:
        return problem(
            name,
            f"the last entry says {last:%Y-%m-%d %H:%M:%S} UTC, which is still to come: the clock went back",
            "set the clock right before anything else is recorded",
        )
    return ok(name, f"the last entry is older than now: {last:%Y-%m-%d %H:%M:%S} UTC")


def last_time(folder: CorpusFolder) -> datetime | None:
    """When the last entry was made, by its own word; None: there is none. Raises ``CorpusError``."""
    number = pieces.count(folder.ledger)
    if not number:
        return None
    entry = pieces.Reader(folder.ledger, lambda _: None).entry(number)
    return time_from_text(str(entry.fields["at"]))
