"""The time of day, read from a clock that nobody sets while the process runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial


def steady_clock() -> Callable[[], float]:
    """Epoch seconds that follow no later change of the machine's clock, but do count its sleep."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    tick = time.monotonic if boot is None else partial(time.clock_gettime, boot)
    began = time.time() - tick()
    return lambda: began + tick()
