"""Where an entry says something else than the decision that follows from what is stored, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crawler.audit.entries import Entry, format_entry
from crawler.optout.codec import decision_to_dict
from crawler.optout.model import Decision, Statement


def difference(decision: Decision, entry: Entry) -> str:
    """Where the entry is not the entry of this decision, in words; empty: nowhere."""
    fields = decision_to_dict(decision, compact=True)
    if format_entry({**entry.fields, **fields})[:-1] == entry.leaf:
        return ""
    for key in ("outcome", "stage", "collect", *sorted(fields)):
        if (said := entry.fields.get(key)) != (follows := fields[key]):
            if isinstance(said, list) and isinstance(follows, list):
                return f"{key} is not what follows: {_first_difference(said, follows)}"
            because = f", for {words_of(decision.grounds)}" if decision.grounds else ""
            return f"{key} is {said!r:.80}, but {follows!r:.80} follows{because}"
    return "it is written in another way than what follows"


def _first_difference(said: Sequence[Any], follows: Sequence[Any]) -> str:
    for number, (one, other) in enumerate(zip(said, follows, strict=False), 1):
        if one != other:
            return f"number {number} is {_short(one)}, not {_short(other)}"
    return f"it has {len(said)} of them, not {len(follows)}"


def _short(row: Any) -> str:
    if not isinstance(row, Mapping):
        return f"{row!r:.80}"
    parts = [row.get(key) for key in ("signal", "preference", "basis", "locator", "source", "standing", "at")]
    return " ".join(str(part) for part in parts if part is not None)[:200]


def words_of(grounds: Iterable[Statement]) -> str:
    """What a decision rests on, in few words."""
    said = [f"{one.signal} {one.evidence.locator} in {one.evidence.source}" for one in grounds]
    return "; ".join(said[:2])[:300] or "documents that were not read"
