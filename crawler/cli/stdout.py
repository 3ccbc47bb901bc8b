"""A stdout that takes no more: nobody reads it any longer, or there is no room behind it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIPED = 141
"""The exit code where nobody reads on, as shells have it of what SIGPIPE ended: 128 and its number."""


class Unread(Exception):
    """Whoever read our output has gone, as ``head`` does when it has seen enough."""


@contextmanager
def heard() -> Iterator[None]:
    """Raises :class:`Unread` for a broken pipe, before click makes something else of it."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise
        raise Unread from error


def let_go() -> None:
    """Lead both streams nowhere: what waits in them would fail once more when the interpreter ends."""
    with suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                os.dup2(nothing, stream.fileno())
        os.close(nothing)
