"""What was found about a domain, a host, a URL or the digest of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crawler.audit.fates import Fates
from crawler.audit.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.audit.selector import Selector


class Request(NamedTuple):
    """A withdrawal that is on record, whether it matched anything or not."""

    entry: int
    """Its number in the ledger."""
    at: str
    """When, RFC 3339."""
    reason: str
    """Why, in the operator's words."""
    ticket: str | None
    """What the operator calls the request."""
    covers: tuple[str, ...]
    """Its selectors that are about what was asked for, such as ``host a.example``."""


class Heard(NamedTuple):
    """What was asked before something was kept, and what was said."""

    asked: frozenset[str]
    """Signals that were looked for."""
    said: frozenset[tuple[str, str, str, str]]
    """Signal, preference, purpose and kind (or nothing) of what was heard and did not stand against it."""


class Answer(Fates):
    """What was found: what became of each URL that was asked for."""

    def __init__(self, selector: Selector) -> None:
        """See :func:`crawler.audit.lookup.look_up`."""
        super().__init__()
        self.selector = selector
        self.scope = Scope(entries=0)
        """What the answer rests on."""
        self.requests: tuple[Request, ...] = ()
        """Withdrawals on record that are about what was asked for, or a part of it."""
        self.marked: tuple[tuple[str, int], ...] = ()
        """URLs that reserve bytes of the digest that was asked for, each with the entry that says so."""
        self.similar: tuple[str, ...] = ()
        """Other spellings of a URL of which the ledger knows nothing, under which it knows something."""
        self._profiles: dict[Heard, int] = {}

    def heard(self) -> Heard:
        """What was asked, in every case, for all that is kept, and what was said in any of them."""
        wanted = {number for (number,) in self._database.execute("SELECT DISTINCT profile FROM held")}
        profiles = [profile for profile, number in self._profiles.items() if number in wanted]
        asked = (
            frozenset.intersection(*(profile.asked for profile in profiles)) if profiles else frozenset[str]()
        )
        return Heard(asked, frozenset(row for profile in profiles for row in profile.said))

    def _profile(self, fields: Mapping[str, Any]) -> int:
        return self._profiles.setdefault(_heard(fields), len(self._profiles))


def _heard(fields: Mapping[str, Any]) -> Heard:
    """What a decision says was asked and heard."""
    asked = frozenset(name for row in fields.get("asked", ()) for name in row.get("signals", ()))
    said = frozenset(
        (row["signal"], row["preference"], row["purpose"], row["kind"] or "") for row in fields.get("heard", ())
    )
    return Heard(asked, said)
