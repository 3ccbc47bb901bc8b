"""How far an export is, for those who watch it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True, slots=True)
class Progress:
    """How far an export is."""

    items: int = 0
    """Items that were looked at in this pass."""
    rows: int = 0
    """Rows that were written."""
    shards: int = 0
    """Shards that were written."""
    kept: int = 0
    """Shards that were there already and are what they would become."""
    damaged: int = 0
    """Items whose record is damaged."""
    left: dict[str, int] = field(default_factory=dict)
    """Items that are not asked for, by reason."""
