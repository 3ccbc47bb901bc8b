"""Loopback webs as tables: what is served, and what a crawl of it must keep.

``LEAKS``: one host for each signal and carrier, and controls. ``FAULTS``: hosts whose site-level files or
pages go wrong. ``generate``: a site with signals laid over it. All are crawled with ``--scope any``, because a
row may need more than one host.
"""

from __future__ import annotations

from tests.webs.faults import FAULTS, FaultRow
from tests.webs.generated import Site, generate
from tests.webs.leaks import LEAKS, PEER_SITUATIONS
from tests.webs.row import Leak, hosts_of

__all__ = ["FAULTS", "LEAKS", "PEER_SITUATIONS", "FaultRow", "Leak", "Site", "generate", "hosts_of"]
