"""Work of the crawl's own that is too long for the event loop: done in a thread, one thing at a time.

For what is bounded and needs no process of its own: digests, unpacking and packing, which leave the interpreter
to others meanwhile, and long files of short lines, of which Python lets go every few milliseconds. One at a
time, because two threads that compute would keep the loop waiting twice as long for its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar, cast

from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import DeferredLock
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from crawler.optout.model import Capture

P = ParamSpec("P")
T = TypeVar("T")

SMALL = 1 << 20
"""Octets that are digested, packed or unpacked on the spot: some milliseconds."""

SLICE = 500
"""Things that are worked off in one go: links of a page, say."""

_TURN = DeferredLock()


class Turns:
    """What one does at a time: ``async with``."""

    def __init__(self) -> None:
        """Nobody's turn yet."""
        self._lock = DeferredLock()

    async def __aenter__(self) -> None:
        """Wait for one's turn."""
        await maybe_deferred_to_future(self._lock.acquire())

    async def __aexit__(self, *failure: object) -> None:
        """Let the next one have it."""
        self._lock.release()


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work(...)`` in a thread, when it is its turn. It must touch nothing that others use meanwhile."""
    await maybe_deferred_to_future(_TURN.acquire())
    try:
        return await maybe_deferred_to_future(deferToThread(work, *args, **kwargs))
    finally:
        _TURN.release()


async def waiting(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work(...)`` in a thread, at once: for what waits for a disk and computes nothing."""
    return await maybe_deferred_to_future(deferToThread(work, *args, **kwargs))


async def pause() -> None:
    """Let everybody else have their turn on the event loop."""
    from twisted.internet import reactor  # which one is decided by then

    await maybe_deferred_to_future(deferLater(cast(Any, reactor), 0))


async def gathered(items: Iterable[T]) -> list[T]:
    """A list of what ``items`` yields, made in slices, with a :func:`pause` between them."""
    found: list[T] = []
    for item in items:
        found.append(item)
        if len(found) % SLICE == 0:
            await pause()
    return found


async def digested(capture: Capture) -> None:
    """Work out the digest of a body before somebody asks for it on the event loop."""
    if len(capture.body) > SMALL:
        await aside(lambda: capture.digest)
