"""What a settings profile says of the pace, and what is put over it: no Scrapy is needed to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from crawler.config import guard
from crawler.config.model import Origin

FIELDS = {"delay": "DOWNLOAD_DELAY", "concurrency": "CONCURRENT_REQUESTS"}
"""The fields of ``RunConfig`` that become a Scrapy setting, which is the profile's when nobody speaks."""

SETTING = "settings"
"""The field that holds Scrapy settings by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effective:
    """A Scrapy setting as a run has it."""

    value: Any
    """Its value: as the profile has it, or as text from ``-s``."""
    origin: Origin | Literal["profile"]
    """Who says so."""
    field: str | None
    """The field of ``RunConfig`` it comes from; None: the profile."""


def effective(found: Mapping[str, Any], origins: Mapping[str, Origin]) -> dict[str, Effective]:
    """The numbers and the log level of the profile by name, and what ``-s`` sets beside them.

    The order is Scrapy's: the profile, over it what has an option of its own, over that ``-s``. ``found`` and
    ``origins``: the fields that were said, and by whom.
    """
    profile = import_module(f"settings.{found.get('profile', 'polite')}")
    settings = {
        name: Effective(value=value, origin="profile", field=None)
        for name, value in vars(profile).items()
        if name.isupper() and _matters(name, value)
    }
    for field, name in FIELDS.items():
        if field in found:
            settings[name] = Effective(value=found[field], origin=origins[field], field=field)
    for name, value in found.get(SETTING, {}).items():
        settings[name] = Effective(value=value, origin=origins[SETTING], field=SETTING)
    return dict(sorted(settings.items()))


def _matters(name: str, value: object) -> bool:
    """Whether an operator may set it with ``-s``, and reads it as a number or a level of the log."""
    ours = name in guard.OURS or name.startswith(guard.OURS_BY_PREFIX)
    return not ours and (isinstance(value, int | float) or name == "LOG_LEVEL")
