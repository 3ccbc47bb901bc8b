"""What is kept, as its items tell: media types, the newest, and how much of it there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.corpus.items import Item
from crawler.optout.model import Kind

_NAMED = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Holdings:
    """What is kept."""

    items: int
    """How many items there are; a URL that is held in two versions is two."""
    media_types: tuple[tuple[str, str, int], ...]
    """Kind, media type and number of items, the most frequent first; after twelve, ``other``."""
    newest: datetime | None
    """When the newest was fetched, UTC; None: nothing is kept."""

    @classmethod
    def of(cls, items: Iterable[Item]) -> Holdings:
        """From the items, which are gone through once; memory does not grow with them."""
        number = 0
        types: Counter[tuple[str, str]] = Counter()
        newest: datetime | None = None
        for number, item in enumerate(items, 1):  # noqa: B007 - how many there were
            media = (item.note.media_type or item.media_type or "unknown").partition(";")[0].strip().lower()
            key = (_modality(item.kind), media)
            types[key if key in types or len(types) < 1000 else (key[0], "other")] += 1
            newest = item.fetched_at if newest is None else max(newest, item.fetched_at)
        ranked = sorted(types.items(), key=lambda row: (-row[1], row[0]))
        rows = [(kind, media, found) for (kind, media), found in ranked[:_NAMED]]
        for modality in ("image", "text"):
            rest = sum(found for (kind, _), found in ranked[_NAMED:] if kind == modality)
            rows += [(modality, "other", rest)] if rest else []
        return cls(items=number, media_types=tuple(rows), newest=newest)


def _modality(kind: Kind) -> str:
    return "image" if kind is Kind.IMAGE else "text"
