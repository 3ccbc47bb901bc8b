"""The worker: reads places from its standard input, answers with the words there, until the input ends.

It is started by :mod:`crawler.text.child` and has no other use. A page may do to it what it can: it holds no
secret, can write no file, and has so much memory and no more (Linux).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import select
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from crawler.isolation.limits import confine, meter, set_alarm
from crawler.text.child import CLOCK
from crawler.text.frames import PREFIX, framed, to_plain
from crawler.text.model import How, Unread, Words
from crawler.text.reading import BROKEN, TOO_LARGE
from crawler.text.record import Place, read_at

MEMORY = 1024 * 1024 * 1024
"""Octets that one item may take: trees have some ten times the size of the largest page that is kept."""

GROWTH = 256 * 1024 * 1024
"""Octets by which a worker may have grown and still be kept."""

FILES = 32
"""Files that may be open at once: a record, and libraries that are loaded late."""


def main() -> None:
    """Serve until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to understand
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(3_000)
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    begin = _message(source)
    if begin is None:
        return
    _tie(begin["life"])
    folder, how, patience = Path(begin["folder"]), How(**begin["how"]), begin["patience"]
    _warm_up(how)
    os.dup2(nothing, 2)  # what a library prints may be a stranger's words
    memory = meter()
    confine(memory=MEMORY, files=FILES)
    base = memory()
    _send(sink, framed("ready"))
    while (batch := _message(source)) is not None:
        for plain in batch:
            place = Place(**plain)
            granted = patience.get(place.kind, max(patience.values()))
            signal.setitimer(signal.ITIMER_PROF, granted)  # ends this process, and the parent sees by what
            # Where the system does not tell of the end of the parent, this does.
            set_alarm(2 * CLOCK * granted + 5)
            frame = _answer(read_at(folder, place, how), memory() - base > GROWTH)
            set_alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            _send(sink, frame)


def _tie(life: int) -> None:
    """Have the system end this process when the parent's end of the pipe ``life`` is closed, however.

    Input on it raises SIGIO (fcntl(2), ``O_ASYNC``), which ends a process that is deep in a library too.
    """
    with contextlib.suppress(OSError, ValueError):
        fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([life], [], [], 0)[0]:
        raise SystemExit(0)  # it is gone already


def _warm_up(how: How) -> None:
    """Load what is loaded late, so that the time for it is nobody's page's."""
    from crawler.text.extraction import extracted
    from crawler.text.language import language_of

    page = (
        "<html><body><article><h1>Words</h1><p>"
        + "These are only some words. " * 20
        + "</article></body></html>"
    )
    language_of(extracted(page, how).text)
    if how.near:
        from crawler.text.sketch import sketch_of

        sketch_of("words")


def _answer(result: Words | Unread, last: bool) -> bytes:
    for attempt in (result, TOO_LARGE):
        try:
            return framed({"result": to_plain(attempt), "last": last})
        except (MemoryError, ValueError):
            continue
    return framed({"result": to_plain(BROKEN), "last": True})


def _message(source: int) -> Any:
    """The next frame's content; None: the input has ended."""
    prefix = _exactly(source, PREFIX)
    return None if prefix is None else json.loads(_exactly(source, int.from_bytes(prefix, "big")) or b"null")


def _exactly(source: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(source, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _send(sink: int, frame: bytes) -> None:
    view = memoryview(frame)
    while view:
        try:
            view = view[os.write(sink, view) :]
        except BrokenPipeError:
            raise SystemExit(0) from None  # the parent is gone
