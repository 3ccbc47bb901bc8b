"""What may we collect? Pure: bytes in, decisions out.

Nothing below here opens a socket, reads a file or a clock, or knows Scrapy. A reader never raises because of
what a stranger sent, and what cannot be told is never permission.
"""

from __future__ import annotations

from crawler.optout.gate import Gate
from crawler.optout.policy import Policy
from crawler.optout.signals import SIGNALS

__all__ = ["SIGNALS", "Gate", "Policy"]
