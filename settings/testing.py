"""For tests on loopback: no pauses, short waits. Nothing here hears less."""

from __future__ import annotations

from settings.base import *  # noqa: F403 - a profile is the base and what differs

DOWNLOAD_DELAY = 0.0
DOWNLOAD_TIMEOUT = 5
OPTOUT_RETRY_DELAY = 0.2
OPTOUT_MAX_BACKOFF = 0.4
