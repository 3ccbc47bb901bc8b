"""heedful: a web crawler that keeps nothing its creator has reserved."""

from __future__ import annotations

__version__ = "0.1.0"

TOKEN = "heedful"
"""The product token: the name a robots.txt can address us by."""


def user_agent(token: str, contact: str | None, version: str = __version__) -> str:
    """The User-Agent header: ``token/version (+contact)``. ``token``: as the operator writes it."""
    agent = f"{token}/{version}"
    return f"{agent} (+{contact})" if contact else agent
