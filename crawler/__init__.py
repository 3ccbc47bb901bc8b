"""heedful: a web crawler that keeps nothing its creator has reserved."""

from __future__ import annotations

__version__ = "0.1.0"

TOKEN = "heedful"
"""The product token: the name a robots.txt can address us by."""
