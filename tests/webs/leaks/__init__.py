"""LEAKS: every signal through every carrier it travels in, and controls that must be kept.

``.example`` names resolve to the loopback server. ``heedful`` is our product token. A row says what is special
about its host; the rest is a plain page at ``/page`` with a plain image.
"""

from __future__ import annotations

from tests.webs.leaks import (
    detours,
    documents,
    inside,
    licences,
    manifests,
    pages,
    robots_txt,
    usage,
    ways,
)
from tests.webs.leaks.base import PEER_SITUATIONS
from tests.webs.row import Leak

__all__ = ["LEAKS", "PEER_SITUATIONS"]

LEAKS: tuple[Leak, ...] = (
    *robots_txt.ROBOTS_TXT,
    *robots_txt.TRAINING_TOKENS,
    *usage.CONTENT_USAGE,
    *usage.CONTENT_SIGNAL,
    *usage.DISALLOW_AI_TRAINING,
    *usage.NOAI_LINES,
    *licences.TDMREP,
    *licences.RSL,
    *licences.SITE_FILES,
    *pages.ROBOTS_META,
    *pages.HTTP_STATUS,
    *ways.IN_IMAGES,
    *inside.INSIDE,
    *manifests.MANIFESTS,
    *documents.DOCUMENTS,
    *ways.WAYS,
    *detours.DETOURS,
)
"""Every situation."""
