"""Withdrawals and rechecks: what was done about a corpus after it was collected, a row each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.audit.entries import REMOVAL, WITHDRAWAL
from crawler.audit.report.model import EventRow
from crawler.audit.wording import count
from crawler.corpus.holds import RECHECK, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.audit.entries import Entry

_SELECTORS = {
    "urls": "address",
    "prefixes": "prefix",
    "hosts": "host",
    "domains": "domain",
    "digests": "digest",
}
_STATES = {
    State.RESERVED: "newly reserved",
    State.UNREACHABLE: "could not be asked",
    State.LIFTED: "free again",
    State.GONE: "gone from the web",
    State.UNCHANGED: "unchanged",
}


@dataclass(kw_only=True, slots=True)
class _Recheck:
    """One run of rechecking."""

    at: str
    origins: int = 0
    by_origin: Counter[str] = field(default_factory=Counter)
    by_url: Counter[str] = field(default_factory=Counter)


class Happenings:
    """Gathers them. Takes memory for withdrawals and for runs of rechecks, not for what they were about."""

    def __init__(self) -> None:
        self._withdrawals: dict[int, tuple[str, str | None, str]] = {}
        self._left: Counter[int] = Counter()
        self._rechecks: dict[str, _Recheck] = {}

    def note(self, entry: Entry) -> None:
        """Take in an entry of whatever type; raises what comes of one that is damaged."""
        fields = entry.fields
        if entry.type == WITHDRAWAL:
            ticket = fields.get("ticket")
            self._withdrawals[entry.number] = fields["at"], ticket and str(ticket), _asked(fields)
        elif entry.type == REMOVAL and fields.get("withdrawal") is not None:
            self._left[int(fields["withdrawal"])] += len(entry.urls)
        elif entry.type == RECHECK:
            run = self._rechecks.setdefault(fields["run"], _Recheck(at=fields["at"]))
            if fields.get("origin") is None:
                run.by_url[State(fields["state"])] += 1
            else:
                run.origins += 1
                for state, number in fields.get("counts", {}).items():
                    run.by_origin[State(state)] += int(number)

    def rows(self) -> tuple[EventRow, ...]:
        """All of them, newest last."""
        rows = [
            EventRow(
                at=at,
                what="withdrawal",
                ticket=ticket,
                words=f"{asked} asked for; "
                + (
                    f"{count(self._left[number], 'item')} removed" if self._left[number] else "nothing was held"
                ),
                items=self._left[number],
            )
            for number, (at, ticket, asked) in self._withdrawals.items()
        ]
        rows += map(_recheck, self._rechecks.values())
        return tuple(sorted(rows, key=lambda row: row.at))


def _asked(fields: Mapping[str, Any]) -> str:
    """``2 hosts and 1 address``: how much was asked for, never in a stranger's words."""
    parts = [count(len(fields[name]), noun) for name, noun in _SELECTORS.items() if fields.get(name)]
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else "nothing"


def _recheck(run: _Recheck) -> EventRow:
    found = run.by_origin or run.by_url  # one that was broken off tells of URLs alone
    told = ", ".join(f"{found[state]:,} {words}" for state, words in _STATES.items() if found[state])
    return EventRow(
        at=run.at,
        what="recheck",
        ticket=None,
        words=f"{count(run.origins, 'site')} asked: {told or 'nothing was held'}",
        items=found[State.RESERVED] + found[State.UNREACHABLE],
    )
