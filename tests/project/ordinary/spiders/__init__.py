"""Its spiders."""

from __future__ import annotations
