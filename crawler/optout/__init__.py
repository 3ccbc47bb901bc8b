"""What may we collect? Pure: bytes in, decisions out.

Nothing below here opens a socket, reads a file or a clock, or knows Scrapy. A reader never raises because of
what a stranger sent, and what cannot be told is never permission.

The names are looked up when they are first used: whoever only reads decisions loads no parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.optout.gate import Gate
    from crawler.optout.policy import Policy
    from crawler.optout.signals import SIGNALS

__all__ = ["SIGNALS", "Gate", "Policy"]

_HOMES = {"Gate": "gate", "Policy": "policy", "SIGNALS": "signals"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
