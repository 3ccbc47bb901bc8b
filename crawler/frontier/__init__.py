"""What is still to visit: durable, fair to hosts, one contract for every engine."""

from __future__ import annotations

from crawler.frontier.contract import (
    VIAS,
    Changed,
    Ended,
    Entry,
    Frontier,
    FrontierError,
    Lease,
    LeaseLost,
    Left,
    Offer,
    State,
)
from crawler.frontier.embedded import EmbeddedFrontier

__all__ = [
    "VIAS",
    "Changed",
    "EmbeddedFrontier",
    "Ended",
    "Entry",
    "Frontier",
    "FrontierError",
    "Lease",
    "LeaseLost",
    "Left",
    "Offer",
    "State",
]
