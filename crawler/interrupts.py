"""What Ctrl-C and SIGTERM do to a command, from its first line to its last: they stop it, and never tear it.

===========================  ===================================================================================
while modules are loaded     nothing is open yet: the process ends at once
while a command works        :class:`Stopped` is raised, as Python does for Ctrl-C by itself
while the reactor starts     noted; told again to the handlers that Scrapy sets as soon as the reactor runs
while a crawl is concluded   the first is noted and the conclusion goes on, a second one raises
when the exit code is known  nothing
===========================  ===================================================================================

Only a process that called :func:`listen` is changed; whoever uses this package as a library keeps his handlers.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

STOPPED = 3
"""The exit code of what was stopped and can be gone on with."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""What a person, a service manager or a container sends to have something stopped."""


class Stopped(KeyboardInterrupt):
    """Somebody stops the command.

    A class of its own: CPython ends a process with SIGINT, whatever its exit code, once a plain
    ``KeyboardInterrupt`` has left code given to ``exec`` as text, which dataclasses do as they are made
    (``run_eval_code_obj`` in ``Python/pythonrun.c``).
    """


_listening = False
_asked = 0


def listen() -> None:
    """Take the signals over, unless they are ignored, as by ``nohup``.

    Until :func:`work` they end the process.
    """
    global _listening
    _listening = True
    _on(_end)


def work() -> None:
    """The modules are loaded: from here on a signal raises :class:`Stopped`."""
    if _listening:
        sys.unraisablehook = _unraisable
        _on(_stop)


def conclude() -> None:
    """What was to be done is done, but for its conclusion: the first signal from here on changes nothing."""
    if _listening:
        _on(_first_noted)


def finish() -> None:
    """The exit code is known: nothing may change it any more."""
    if _listening:
        _on(signal.SIG_IGN)


def asked() -> bool:
    """Whether somebody has sent a signal that was heeded here."""
    return _asked > 0


@contextmanager
def held() -> Iterator[Callable[[], None]]:
    """Signals are noted; what is yielded sends them again, to the handlers that are there by then."""
    noted: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        noted.append(number)

    def again() -> None:
        while noted:
            signal.raise_signal(noted.pop())

    if _listening:
        _on(note)
    yield again


def end() -> NoReturn:
    """Say so, and end the process here."""
    _say()
    os._exit(STOPPED)


def _on(handler: Any) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    end()


def _stop(number: int, frame: FrameType | None) -> None:
    global _asked
    _asked += 1
    raise Stopped


def _first_noted(number: int, frame: FrameType | None) -> None:
    _on(_stop)


def _unraisable(found: Any) -> None:
    """A signal where nothing can be raised, such as in ``__del__``, would be lost, and leave a traceback."""
    if isinstance(found.exc_value, Stopped):
        end()
    sys.__unraisablehook__(found)


def _say() -> None:
    with suppress(OSError):  # nobody listens
        os.write(2, b"heedful: stopped\n")
