"""For many machines: the polite profile, with the connections of a wide crawl.

A shared frontier is named in ``SCHEDULER`` once one is configured; on its own this profile crawls with the
embedded frontier of one machine.
"""

from __future__ import annotations

from settings.polite import *  # noqa: F403 - a profile is the base and what differs

CONCURRENT_REQUESTS = 1024
