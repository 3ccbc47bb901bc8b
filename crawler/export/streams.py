"""Streams of words whose end is theirs to know: behind them are processes that are to end with them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")


def closable(stream: Iterator[T]) -> Generator[T, None, None]:
    """``stream`` as what ``contextlib.closing`` takes; closing it closes the stream."""
    yield from stream
