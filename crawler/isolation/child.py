"""The parent's end of one child: starts it, hands it bytes, and ends it when it takes too long."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

import msgspec
from msgspec.structs import replace
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IPullProducer
from twisted.internet.protocol import ProcessProtocol
from zope.interface import implementer

from crawler.isolation.frames import (
    EXAMINE,
    LONGEST,
    PREFIX,
    Answer,
    Began,
    Begin,
    Found,
    Job,
    Ready,
    decode_from_child,
    framed,
)
from crawler.isolation.limits import ALARM
from crawler.optout.examined import Examined
from crawler.optout.grammar.heavy import Heavy
from crawler.optout.model import Asset, Capture

logger = logging.getLogger(__name__)

PATIENCE = 1.5
"""Seconds for the heavy syntaxes of one file, from when the child has all of it."""

THOROUGH = 10.0
"""Seconds to examine one content, from when the child has all of it: a page of 16 MiB takes two or three."""

START = 60.0
"""Seconds until a child must have loaded its libraries."""

TRANSFER = 15.0
"""Seconds until a child must have taken in a file."""

SLICE = 256 * 1024
"""Octets handed to the pipe at once."""

KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""The environment without which some interpreters do not start; the child gets no more of it."""

START_UP = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "sys.path[:] = sys.argv[1:]; from crawler.isolation.worker import main; main()"
)
"""Finds our package where this process has found it: a wheel, a source tree, somebody's project. Ctrl-C on a
terminal reaches children too, and is the crawl's to understand, also while a child loads its modules."""


NONSENSE = "the process for it answered nonsense"


class Lost(Exception):
    """Nobody can tell what the bytes say; why, in words."""


class Child(ProcessProtocol):
    """One process. It does one job at a time."""

    def __init__(self, begin: Begin) -> None:
        """Start it, and tell it whose crawl it is for."""
        from twisted.internet import reactor  # which one is decided by then

        self.alive = True
        """Whether another job may be given to it."""
        self._reactor = cast(Any, reactor)
        self._ready = False
        self._heard = bytearray()
        self._words = b""
        self._capture: Capture | None = None
        self._answer: Deferred[Found] | None = None
        self._timer: Any = None
        self._left = self._patience = PATIENCE
        self._began = 0.0
        path = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100 - "" too
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        command = [sys.executable, "-I", "-c", START_UP, *path]
        pipes = {0: "w", 1: "r", 2: "r"}
        self._process: Any = self._reactor.spawnProcess(
            self, sys.executable, command, env=environment, childFDs=pipes
        )
        self._process.write(framed(begin))

    @property
    def pid(self) -> int | None:
        """Its number; None when it has ended."""
        return self._process.pid if self.alive else None

    async def parse(self, heavy: Heavy, capture: Capture) -> Any:
        """What ``heavy`` finds in the capture. Raises :class:`Lost`; the child is of no use then."""
        return await self._ask(
            Job(heavy.name, Answer.of(capture), None, PATIENCE * ALARM), capture, heavy.result
        )

    async def examine(self, capture: Capture, asset: Asset, documents: Mapping[str, Capture]) -> Examined:
        """What :func:`~crawler.optout.examined.examine` finds. Raises :class:`Lost` as :meth:`parse` does."""
        told = tuple((url, Answer.of(document, document.body)) for url, document in documents.items())
        job = Job(EXAMINE, Answer.of(capture), None, THOROUGH * ALARM, asset, told)
        found: Examined = await self._ask(job, capture, Examined, patience=THOROUGH)
        return found

    async def _ask(self, job: Job, capture: Capture, result: Any, *, patience: float | None = None) -> Any:
        again = self._capture is capture
        if not again:
            self._left = PATIENCE
        if patience is not None:
            self._left = patience
        self._patience = patience or PATIENCE
        self._capture = capture
        size = None if again else len(capture.body)
        try:
            frame = framed(replace(job, size=size))
        except Exception as error:
            raise Lost(f"it cannot be handed over: {type(error).__name__}") from None
        answer = self._answer = Deferred[Found]()
        self._process.write(frame)
        if size:
            self._process.registerProducer(_Slices(self._process, capture.body), False)
        self._wait(TRANSFER if self._ready else START, "the process for it does not answer")
        found = await maybe_deferred_to_future(answer)
        if found.last:
            self.end()
        try:
            return msgspec.msgpack.decode(found.result, type=result)
        except msgspec.MsgspecError:
            self.end()
            raise Lost(NONSENSE) from None

    def forget(self) -> None:
        """Drop what was parsed last; a child that is still at it is ended."""
        self._capture = None
        if self._answer is not None:
            self.end("nobody waits for it any more")

    def end(self, why: str = "the crawl has ended") -> None:
        """End the process; a job that it is at is lost."""
        self.alive = False
        self._capture = None
        self._heard.clear()
        self._stop_waiting()
        with suppress(ProcessExitedAlready):
            self._process.signalProcess("KILL")
        self._process.loseConnection()
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.errback(Lost(why))

    # What Twisted calls

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Take in frames; what the child prints before it is ready says why it does not start."""
        if not self.alive:
            return
        if childFD != 1:
            self._words = (self._words + data)[-2000:]
            return
        self._heard += data
        while len(self._heard) >= PREFIX:
            size = int.from_bytes(self._heard[:PREFIX], "big")
            if size > LONGEST:
                self.end(NONSENSE)
                return
            if len(self._heard) < PREFIX + size:
                return
            content = bytes(self._heard[PREFIX : PREFIX + size])
            del self._heard[: PREFIX + size]
            try:
                self._take(decode_from_child(content))
            except msgspec.MsgspecError:
                self.end(NONSENSE)

    def childConnectionLost(self, childFD: int) -> None:
        """A child whose end of the pipe is closed is gone."""
        if childFD == 1 and self.alive:
            if not self._ready:
                words = self._words.decode("utf-8", "replace").strip().rpartition("\n")[2]
                logger.error("files of large syntaxes cannot be read, the process for them ended: %r", words)
            self.end("the process for it ended")

    # Messages

    def _take(self, message: Ready | Began | Found) -> None:
        if isinstance(message, Ready):
            self._ready = True
            if self._answer is not None:
                self._wait(TRANSFER, "the process for it does not answer")
        elif self._answer is None:
            self.end()
        elif isinstance(message, Began):
            self._began = self._reactor.seconds()
            self._wait(self._left, f"it takes longer than {self._patience:g} s")
        else:
            self._stop_waiting()
            self._left = max(0.0, self._left - (self._reactor.seconds() - self._began))
            answer, self._answer = self._answer, None
            answer.callback(message)

    def _wait(self, seconds: float, why: str) -> None:
        self._stop_waiting()
        self._timer = self._reactor.callLater(seconds, self.end, why)

    def _stop_waiting(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()


@implementer(IPullProducer)
class _Slices:
    """Feeds a body to a pipe as fast as that takes it, without a second copy of it."""

    def __init__(self, process: Any, body: bytes) -> None:
        self._process = process
        self._body = memoryview(body)
        self._position = 0

    def resumeProducing(self) -> None:
        """The pipe has room."""
        part = bytes(self._body[self._position : self._position + SLICE])
        self._position += len(part)
        self._process.write(part)
        if self._position >= len(self._body):
            self._process.unregisterProducer()

    def stopProducing(self) -> None:
        """The pipe is closed."""
        self._position = len(self._body)
