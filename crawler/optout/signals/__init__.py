"""Every opt-out signal that is heard: one module each, found here and checked.

A module of this folder declares one :class:`~crawler.optout.model.Signal` named ``SIGNAL``. A module that
fails to import, or declares nothing, or calls itself something else, stops the program: a signal that is
silently missing would let everything through that it should have heard.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from crawler.optout.model import Signal


def discover() -> dict[str, Signal]:
    """The signals of this folder by name, in alphabetical order."""
    found: dict[str, Signal] = {}
    for module in sorted(iter_modules(__path__), key=lambda info: info.name):
        signal = getattr(import_module(f"{__name__}.{module.name}"), "SIGNAL", None)
        if not isinstance(signal, Signal):
            raise TypeError(f"{__name__}.{module.name} declares no SIGNAL")
        if signal.name != module.name.replace("_", "-"):
            raise ValueError(f"{__name__}.{module.name} calls its signal {signal.name!r}")
        found[signal.name] = signal
    return found


SIGNALS = discover()
"""Every signal by name."""
