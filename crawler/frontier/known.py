"""A memory of what was met lately, as large when it is full as when it is empty."""

from __future__ import annotations

from array import array
from collections.abc import Hashable

WAYS = 8
"""Places for one thing; the one that came first gives way."""


class Known:
    """About ``limit`` recently seen things, by 64-bit hash, in 8 bytes each.

    It may forget, one thing in twenty of the last half of ``limit`` and everything in the end, and once in 2^60
    take one thing for another; so it is asked only where the answer can be had elsewhere, and about offers that
    carry no statements. A set of the same hashes takes ten times as much, and grows until it is full.
    """

    def __init__(self, limit: int) -> None:
        rows = 1
        while rows * WAYS < limit:
            rows *= 2
        self._mask = rows - 1
        self._table = array("q", bytes(8 * WAYS * rows))

    def __contains__(self, thing: Hashable) -> bool:
        number = hash(thing) or 1  # 0 is an empty place
        at = (number & self._mask) * WAYS
        return number in self._table[at : at + WAYS]

    def add(self, thing: Hashable) -> None:
        """Remember ``thing``."""
        number = hash(thing) or 1
        at = (number & self._mask) * WAYS
        row = self._table[at : at + WAYS]
        if number not in row:
            row.pop()
            row.insert(0, number)
            self._table[at : at + WAYS] = row

    def discard(self, thing: Hashable) -> None:
        """Forget ``thing``, if it is remembered."""
        number = hash(thing) or 1
        at = (number & self._mask) * WAYS
        row = self._table[at : at + WAYS]
        if number in row:
            row.remove(number)
            row.append(0)
            self._table[at : at + WAYS] = row
