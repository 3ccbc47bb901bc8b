"""Found first on PYTHONPATH: sets this process's clocks off by as much as two files say, read at every look.

``SHIFT_WALL`` names the file for the wall clock, as when somebody sets it; ``SHIFT_BOOT`` the one for the clock
that counts sleep, as when the machine slept. Loaded before everything else, so that every ``from time import
time`` gets what is here.
"""

from __future__ import annotations

import ctypes
import datetime as calendar
import gc
import os
import time

_time, _time_ns, _clock_gettime, _real_now = time.time, time.time_ns, time.clock_gettime, calendar.datetime.now


def _shift(name):
    try:
        with open(os.environ[name], "rb") as file:  # noqa: PTH123 - nothing more is loaded this early
            return float(file.read() or 0)
    except (KeyError, OSError):
        return 0.0


def _clock(which):
    shifts = {time.CLOCK_REALTIME: "SHIFT_WALL", time.CLOCK_BOOTTIME: "SHIFT_BOOT"}
    return _clock_gettime(which) + (_shift(shifts[which]) if which in shifts else 0.0)


def _now(cls, tz=None):
    return _real_now(tz) + calendar.timedelta(seconds=_shift("SHIFT_WALL"))


time.time = lambda: _time() + _shift("SHIFT_WALL")
time.time_ns = lambda: _time_ns() + int(_shift("SHIFT_WALL") * 1e9)
time.clock_gettime = _clock
# A class made in C takes no new attributes, and one that stands before it would be no datetime to libraries.
gc.get_referents(calendar.datetime.__dict__)[0]["now"] = classmethod(_now)
ctypes.pythonapi.PyType_Modified(ctypes.py_object(calendar.datetime))
