"""The limits a child sets itself before it sees a byte of anybody's.

``setrlimit`` (https://man7.org/linux/man-pages/man2/setrlimit.2.html). Memory is limited on Linux, where a
process can learn what it has; elsewhere time alone bounds it, and a child that has grown is replaced.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

resource: Any = None
with contextlib.suppress(ImportError):  # Windows has no such limits
    resource = importlib.import_module("resource")

MEMORY = 448 * 1024 * 1024
"""Octets of data that a job may take beside what the libraries have taken, which is some 50 MiB in all."""

ALARM = 2.0
"""Times its patience after which a job ends with its process, also when nobody is left to end it."""

_STATM = Path("/proc/self/statm")
_RESIDENT_FIELD, _DATA_FIELD = 1, 5
"""Pages in memory, and pages of data and stack (proc(5))."""


def confine(*, memory: int = MEMORY, files: int = 0) -> None:
    """No core file, no file written, and no more than so much memory and so many files.

    ``memory``: octets beside what is taken; ``files``: that may be open at once beside those that are.
    """
    if resource is None:
        return
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(_STATM.read_text().split()[_DATA_FIELD])
        _limit(resource.RLIMIT_DATA, pages * resource.getpagesize() + memory)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _open_files() + files)  # last: at 0 nothing can be opened any more


def set_alarm(seconds: float) -> None:
    """End this process in so many seconds; 0: do not."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def meter() -> Callable[[], int]:
    """Asks how many octets this process holds; also when nothing can be opened any more."""
    try:
        file = _STATM.open("rb", buffering=0)
    except OSError:
        return _peak

    def resident() -> int:
        file.seek(0)
        return int(file.read().split()[_RESIDENT_FIELD]) * int(resource.getpagesize())

    return resident


def _peak() -> int:
    """The most that this process has held; 0 where nobody counts."""
    if resource is None:
        return 0
    peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak if sys.platform == "darwin" else peak * 1024


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _open_files() -> int:
    """One more than the highest descriptor that is open, as far as one looks."""
    highest = 2
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            highest = descriptor
    return highest + 1
