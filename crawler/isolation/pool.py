"""A few children for all of a crawl, started when they are first needed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Container, Mapping

from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from crawler.isolation.child import Child, Lost
from crawler.isolation.frames import Begin
from crawler.isolation.weight import is_costly
from crawler.optout.examined import Examined, examine, unexamined
from crawler.optout.gate import Gate
from crawler.optout.grammar.credits import credits_of
from crawler.optout.grammar.heavy import Heavy, syntaxes
from crawler.optout.model import Asset, Capture, Context
from crawler.optout.policy import Policy
from crawler.optout.signals import SIGNALS

MOST = min(2, os.cpu_count() or 1)
"""Children at the same time; whoever comes when all are busy waits."""


SYNTAXES_OF_DOCUMENTS = frozenset({"pdf", "epub"})
"""The names of the heavy syntaxes in which a document says what it is called and whose it is."""


class Isolation:
    """Has what is heavy or costly read by children, and ends these with the crawl."""

    def __init__(self, context: Context, gate: Gate | None = None) -> None:
        """``gate``: whose questions are asked of contents; None: one of every signal."""
        self.examined = 0
        """Contents that were given to a child to be examined."""
        self._gate = gate or Gate(Policy(), context)
        self._begin = Begin(
            anchors=context.trust_anchors,
            agents=context.agents,
            signals=tuple(self._gate.signals),
            commercial=context.operator.commercial,
            country=context.operator.country,
        )
        # A signal that somebody made up is known here and nowhere else.
        self._at_home = any(SIGNALS.get(name) is not signal for name, signal in self._gate.signals.items())
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
        _, child = await self._read(capture)
        if child is not None:
            self._give_back(child)

    async def examine(
        self, capture: Capture, asset: Asset, documents: Mapping[str, Capture] | None = None
    ) -> Examined:
        """Ask everything of a content: here where it is small and simple, elsewhere where it is not.

        ``documents``: second documents that were fetched for it. A child that fails leaves what nobody can
        tell; the content is then not read in this process either.
        """
        documents = documents or {}
        costly = is_costly(capture, asset.kind) and not self._at_home
        # Of what is examined elsewhere, only what the crawl itself looks up later has to be known here; to tell
        # whether there are manifests takes a walk through the whole file.
        failure, child = await self._read(capture, SYNTAXES_OF_DOCUMENTS if costly else None)
        try:
            if self._at_home or not (failure or child is not None or costly):
                try:
                    return examine(self._gate, capture, asset, documents)
                except Exception as error:
                    failure = f"the parser failed: {type(error).__name__}"
            elif not failure:
                try:
                    child = child or await self._lease()
                    self.examined += 1
                    found = await child.examine(capture, asset, documents)
                    if found.credits is not None:
                        capture.know(credits_of, found.credits)
                    return found
                except Lost as lost:
                    failure = str(lost)
        finally:
            if child is not None:
                self._give_back(child)
        lost_one = unexamined(self._gate, capture, asset, failure)
        if lost_one.credits is not None:
            capture.know(credits_of, lost_one.credits)
        return lost_one

    async def _read(self, capture: Capture, only: Container[str] | None = None) -> tuple[str, Child | None]:
        """Parse what is heavy; why that failed, and the child that did it and must be given back.

        ``only``: the names of the syntaxes that are looked for; None: all of them.
        """
        child: Child | None = None
        failure = ""
        try:
            for heavy in self._syntaxes:
                if only is not None and heavy.name not in only:
                    continue
                if capture.knows(heavy.parse) or not _is_needed(heavy, capture):
                    continue
                if not failure:
                    try:
                        child = child or await self._lease()
                        capture.know(heavy.parse, await child.parse(heavy, capture))
                        continue
                    except Lost as lost:
                        failure = str(lost)
                capture.know(heavy.parse, heavy.failed(failure))
        except BaseException:
            if child is not None:
                self._give_back(child)
            raise
        return failure, child

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
                child = _started(self._begin)
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


def _started(begin: Begin) -> Child:
    try:
        return Child(begin)
    except Exception as error:  # no memory, no process, no interpreter
        raise Lost(f"no process for it can be started: {type(error).__name__}") from None


def _is_needed(heavy: Heavy, capture: Capture) -> bool:
    try:
        return heavy.needed(capture)
    except Exception:  # it may well be
        return True
