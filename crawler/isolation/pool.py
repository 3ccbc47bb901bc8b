"""A few children for all of a crawl, started when they are first needed."""

from __future__ import annotations

import os
from collections import deque

from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from crawler.isolation.child import Child, Lost
from crawler.optout.grammar.heavy import Heavy, syntaxes
from crawler.optout.model import Capture, Context

MOST = min(2, os.cpu_count() or 1)
"""Children at the same time; whoever comes when all are busy waits."""


class Isolation:
    """Has the heavy syntaxes of captures parsed by children, and ends these with the crawl."""

    def __init__(self, context: Context) -> None:
        self._anchors = context.trust_anchors
        self._syntaxes = syntaxes(context)
        self._idle: list[Child] = []
        self._busy: set[Child] = set()
        self._waiting: deque[Deferred[None]] = deque()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that are there."""
        found = (child.pid for child in (*self._idle, *self._busy))
        return tuple(pid for pid in found if pid is not None)

    async def read(self, capture: Capture) -> None:
        """Parse what the capture needs, so that no reader parses it here.

        Whatever goes wrong is in the results: nobody can tell what these bytes say.
        """
        child: Child | None = None
        failure = ""
        try:
            for heavy in self._syntaxes:
                if not _is_needed(heavy, capture):
                    continue
                if not failure:
                    try:
                        child = child or await self._lease()
                        capture.know(heavy.parse, await child.parse(heavy, capture))
                        continue
                    except Lost as lost:
                        failure = str(lost)
                capture.know(heavy.parse, heavy.failed(failure))
        finally:
            if child is not None:
                self._give_back(child)

    def close(self) -> None:
        """End every child; what they are at is lost."""
        self._closed = True
        for child in (*self._idle, *self._busy):
            child.end()
        self._idle.clear()
        while self._waiting:
            self._wake()

    async def _lease(self) -> Child:
        while not self._closed:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    self._busy.add(child)
                    return child
            if len(self._busy) < MOST:
                child = _started(self._anchors)
                self._busy.add(child)
                return child
            turn: Deferred[None] = Deferred()
            self._waiting.append(turn)
            try:
                await maybe_deferred_to_future(turn)
            except BaseException:  # this one is not waiting any more
                self._wake()
                raise
        raise Lost("the crawl has ended")

    def _give_back(self, child: Child) -> None:
        self._busy.discard(child)
        if child.alive and not self._closed:
            child.forget()
            self._idle.append(child)
        self._wake()

    def _wake(self) -> None:
        """Let the one who has waited longest look again."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.called:
                turn.callback(None)
                return


def _started(anchors: str) -> Child:
    try:
        return Child(anchors)
    except Exception as error:  # no memory, no process, no interpreter
        raise Lost(f"no process for it can be started: {type(error).__name__}") from None


def _is_needed(heavy: Heavy, capture: Capture) -> bool:
    try:
        return heavy.needed(capture)
    except Exception:  # it may well be
        return True
