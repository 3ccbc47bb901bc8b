"""What became of one URL, as plain values.

==================  ===================================================================================
``kept``            its content is held now
``withdrawn``       it was held and is gone on request
``removed``         it was held and is gone without a request: it, or the same bytes elsewhere, is reserved,
                    or a recheck could not ask about it for too long
``reserved``        never kept: a signal reserves it
``undetermined``    never kept: what its creator says could not be told
``skipped``         never kept, for a reason of ours
``unstored``        to be kept, but the crawl ended before its content was on disk
==================  ===================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """What became of one URL; see above."""

    KEPT = "kept"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    RESERVED = "reserved"
    UNDETERMINED = "undetermined"
    SKIPPED = "skipped"
    UNSTORED = "unstored"


class Copy(NamedTuple):
    """Content of a URL that was kept."""

    sha256: str
    """Its digest, hexadecimal."""
    bytes: int
    """Its size."""
    at: str
    """When the decision to keep it was made, RFC 3339."""
    entry: int
    """That decision's ledger entry."""
    removed: int | None
    """The ledger entry that removed it; None: it is held."""


class Event(NamedTuple):
    """Something that was done about URLs, beside deciding."""

    entry: int
    """Its number in the ledger."""
    type: str
    """The entry's type, such as ``removal`` or ``withdrawal``."""
    at: str
    """When, RFC 3339."""
    fields: Mapping[str, Any]
    """Everything the entry says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What became of one URL."""

    url: str
    """The URL."""
    kind: str
    """``text``, ``image`` …, as what it is held, or else as last decided."""
    state: State
    """What became of it."""
    stage: str
    """How far the last decision asked: ``host`` (nothing of it was requested), ``headers``, ``content``."""
    reasons: tuple[str, ...]
    """Why the last decision did not keep it, in few words; empty where it did."""
    grounds: tuple[Mapping[str, Any], ...]
    """The statements the last decision rests on, as ``log --json`` prints them."""
    licence: str | None
    """The accepted licence of the last decision."""
    moved_to: str | None
    """Where it redirected."""
    first: str
    """When it was first decided about, RFC 3339."""
    last: str
    """When it was last decided about, RFC 3339."""
    decisions: int
    """How often."""
    entry: int
    """The last decision's ledger entry."""
    copies: tuple[Copy, ...] = ()
    """What was ever kept of it, oldest first."""
    events: tuple[Event, ...] = ()
    """What was done about it beside deciding, oldest first."""
