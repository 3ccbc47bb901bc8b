"""Asking again only for what changed: conditional requests for what is kept (RFC 9110 §13)."""

from __future__ import annotations

from crawler.corpus.store import Store


def conditions(store: Store, url: str) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Request headers that name the copy of ``url`` that is kept, and that copy's header lines.

    Nothing where none is kept. Raises ``Damaged``.
    """
    item = store.held(url)
    if item is None:
        return {}, ()
    stored = store.read(item).headers
    named = dict(reversed(stored))
    asked = {"If-None-Match": named.get("etag"), "If-Modified-Since": named.get("last-modified")}
    return {name: value for name, value in asked.items() if value}, stored
