"""File formats, walked for the metadata inside them. No pixel is ever decoded."""

from __future__ import annotations
