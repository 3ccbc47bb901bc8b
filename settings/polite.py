"""The default: one connection and one request a second for each registrable domain."""

from __future__ import annotations

from settings.base import *  # noqa: F403 - a profile is the base and what differs

DOWNLOAD_DELAY = 1.0
