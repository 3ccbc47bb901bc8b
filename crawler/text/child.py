"""The parent's end of one worker."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from crawler.text.frames import framed, frames, from_plain
from crawler.text.model import ENDED, TOO_LONG, How, Unread, Words
from crawler.text.record import Place

START = 120.0
"""Seconds until a worker must have loaded its libraries."""

CLOCK = 15
"""How many times as long as an item may keep a processor busy it may take by the clock: on a machine with much
else to do, a worker waits more than it works."""

IDLE = 3_600.0
"""Seconds after which somebody looks again, whatever was to come."""

ENDING = 5.0
"""Seconds in which a process is gone that has closed its output."""

KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
"""The environment without which some interpreters do not start; a worker gets no more of it."""

START_UP = "import sys; sys.path[:] = sys.argv[1:]; from crawler.text.worker import main; main()"
"""Finds our package where this process has found it."""


class Gone(Exception):
    """The worker answers no more; why, in words for :class:`~crawler.text.model.Unread`."""


class Child:
    """One worker, and the numbers of the items that it is at, in the order in which it answers."""

    def __init__(self, folder: Path, how: How, patience: Mapping[str, float]) -> None:
        """Start it. Raises ``OSError``.

        ``folder``: the archive; ``patience``: seconds of a processor for an item, by kind.
        """
        self.at: deque[tuple[int, Place]] = deque()
        self.ready = False
        self.last = False
        """Whether it has grown too much to be given more."""
        self._patience = patience
        self._heard = bytearray()
        self._unsent = bytearray()
        self._began = time.monotonic()
        path = [os.path.abspath(entry) for entry in sys.path]  # noqa: PTH100 - "" too
        # The worker ends when the other end of this pipe is closed, by us or with us, whatever it is at.
        theirs, self._life = os.pipe()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
                [sys.executable, "-I", "-c", START_UP, *path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                pass_fds=[theirs],
                env={name: os.environ[name] for name in KEPT if name in os.environ},
            )
        except BaseException:
            os.close(self._life)
            raise
        finally:
            os.close(theirs)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.source, self.sink = self.process.stdout, self.process.stdin
        for pipe in (self.source, self.sink):
            os.set_blocking(pipe.fileno(), False)
        begin = {"folder": str(folder), "how": asdict(how), "patience": dict(patience), "life": theirs}
        self._send(framed(begin))

    @property
    def events(self) -> int:
        """What to wait for at :attr:`source` (reading) and :attr:`sink` (writing)."""
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)

    def give(self, jobs: Sequence[tuple[int, Place]]) -> None:
        """Have it read these, after what it is at."""
        if not self.at:
            self._began = time.monotonic()
        self.at += jobs
        self._send(framed([asdict(place) for _, place in jobs]))

    def push(self) -> None:
        """Write what the pipe did not take before."""
        with suppress(BrokenPipeError):  # it is heard of when it is read from
            taken = os.write(self.sink.fileno(), self._unsent) if self._unsent else 0
            del self._unsent[:taken]
            return
        self._unsent.clear()

    def pull(self) -> list[tuple[int, Words | Unread]]:
        """What it has answered. Raises :class:`Gone`."""
        try:
            data = os.read(self.source.fileno(), 1 << 20)
        except BlockingIOError:
            return []
        if not data:
            raise Gone(TOO_LONG if self._ran_out() else ENDED)
        self._heard += data
        self._began = time.monotonic()
        found = []
        try:
            for message in frames(self._heard):
                if message == "ready":
                    self.ready = True
                    continue
                result = from_plain(message["result"])
                number, _ = self.at.popleft()
                self.last = self.last or bool(message["last"])
                found.append((number, result))
        except (ValueError, TypeError, KeyError, IndexError):
            raise Gone("the process that read it answered nonsense") from None
        return found

    def left(self) -> float:
        """Seconds until it has taken too long; many while it has nothing to do."""
        if not self.at and self.ready:
            return IDLE
        granted = CLOCK * self._patience[self.at[0][1].kind] if self.ready else START
        return granted - (time.monotonic() - self._began)

    def end(self) -> None:
        """End the process, whatever it is at."""
        self.process.kill()
        os.close(self._life)
        self.process.wait()
        self.source.close()
        self.sink.close()

    def _ran_out(self) -> bool:
        """Whether it was ended by the alarm that it sets itself."""
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(ENDING) == -signal.SIGPROF
        return False

    def _send(self, frame: bytes) -> None:
        self._unsent += frame
        with suppress(BlockingIOError):
            self.push()
