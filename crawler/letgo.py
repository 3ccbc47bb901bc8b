"""Lets go of what an exception that was dealt with still holds.

A traceback leads to frames, a frame of Twisted to the failure that holds the exception, and that to the
traceback: a circle, with everything that was fetched in it, which stays in memory until Python's collector
comes round to the oldest objects. What the gate turns away ends by an exception, on many sites every page.
"""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from types import TracebackType

RESUMED = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
"""Code whose frames may go on after they caught the exception."""


def let_go(error: BaseException) -> None:
    """Take the traceback off an exception, and empty its frames as soon as they have all returned."""
    trace, error.__traceback__ = error.__traceback__, None
    asyncio.get_running_loop().call_soon(_empty, trace)


def _empty(trace: TracebackType | None) -> None:
    while trace is not None:
        if not trace.tb_frame.f_code.co_flags & RESUMED:
            with suppress(RuntimeError):  # it runs still
                trace.tb_frame.clear()
        trace = trace.tb_next
