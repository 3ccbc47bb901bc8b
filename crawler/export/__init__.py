"""From a corpus to something to train on: rows with their provenance, in shards that stay what they are."""

from __future__ import annotations
