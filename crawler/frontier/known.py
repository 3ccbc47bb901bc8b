"""A bounded memory of what the database already knows, asked before the database is."""

from __future__ import annotations

from collections.abc import Hashable


class Known:
    """About ``limit`` recently seen things, by 64-bit hash.

    It may forget, and once in 2^64 take one thing for another; so it is asked only about offers that carry no
    statements. Two generations: the older is dropped when the younger is full.
    """

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._young: set[int] = set()
        self._old: set[int] = set()

    def __contains__(self, thing: Hashable) -> bool:
        number = hash(thing)
        return number in self._young or number in self._old

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def add(self, thing: Hashable) -> None:
        """Remember ``thing``; only when the transaction that stored it is committed."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, set()
        self._young.add(hash(thing))
