"""Which of many URL patterns match a path, longest first, without trying them one by one.

Patterns are kept under the literal text before their first star. A path is cut to each length that such a text
has, and looked up: a file with 20,000 plain rules costs one look-up per distinct length, not 20,000 tries.
Only patterns that begin with a star must all be tried.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from crawler.optout.grammar.urlpattern import Pattern, compile_pattern

T = TypeVar("T")


class Longest(Generic[T]):
    """Immutable look-up from patterns to what was said about them."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        """``entries``: patterns as written, each with what it stands for."""
        self._heads: dict[str, list[tuple[Pattern, T]]] = {}
        for text, item in entries:
            pattern = compile_pattern(text)
            self._heads.setdefault(pattern.pieces[0], []).append((pattern, item))
        self._lengths = sorted({len(head) for head in self._heads})

    def matching(self, path: str) -> list[tuple[int, T]]:
        """Every match as ``(octets of the pattern, item)``, longest first, equal ones in their order.

        ``path`` came from :func:`~crawler.optout.grammar.urlpattern.subject`.
        """
        found = []
        for length in self._lengths:
            if length > len(path):
                break
            for pattern, item in self._heads.get(path[:length], ()):
                if pattern.matches(path):
                    found.append((pattern.length, item))
        found.sort(key=lambda match: -match[0])
        return found

    def longest(self, path: str) -> list[T]:
        """What the longest matching patterns stand for; several when equally long, empty when none matches."""
        found = self.matching(path)
        return [item for length, item in found if length == found[0][0]]
