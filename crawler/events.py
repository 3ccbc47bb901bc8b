"""The Scrapy signals we send. Our word for them is *event*, because a *signal* is an opt-out."""

from __future__ import annotations

evidence_received = object()
"""A site-level file or second document arrived. Sent with ``capture``."""

host_known = object()
"""An origin's site-level files are there, or were read again. Sent with ``host``."""
