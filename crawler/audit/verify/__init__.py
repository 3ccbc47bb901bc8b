"""Is it so? What a corpus says of itself, checked by its files alone, without trusting anything derived."""

from __future__ import annotations
