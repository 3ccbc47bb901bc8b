"""One value as somebody wrote it, and how it is read.

Options and the environment are text, ``heedful.toml`` has types; a reader accepts both and keeps them apart:
``delay = "1"`` in the file is a mistake, ``--delay 1`` is not. Lists are repeated options, words separated by
blanks or commas in the environment, and arrays in the file.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from crawler.config.model import ConfigError, Origin

E = TypeVar("E", bound=StrEnum)

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Given:
    """A raw value and where it stands."""

    raw: object
    """Options give text, tuples of texts or flags; the environment text; the file any TOML value."""
    origin: Origin
    """Who said it."""
    where: str
    """Its name in error messages: ``--delay``, ``HEEDFUL_DELAY``, ``heedful.toml [run] delay``."""
    base: Path = Path()
    """The folder that relative paths start from."""

    def error(self, what: str) -> ConfigError:
        """The error to raise: ``what`` completes a sentence that begins with the place."""
        return ConfigError(f"{self.where}: {what}")

    def not_a(self, wanted: str) -> ConfigError:
        """The error to raise when the value is not ``wanted``."""
        shown = self.raw if isinstance(self.raw, str) else repr(self.raw)
        return self.error(f"{shown[:200]!r} is not {wanted}" if shown else f"it is empty, but needs {wanted}")


def text(given: Given) -> str:
    """One line of text, not empty."""
    raw = given.raw
    if not isinstance(raw, str) or not raw.strip() or not raw.isprintable():
        raise given.not_a("a line of text")
    return raw.strip()


def path(given: Given) -> Path:
    """A path; relative to the working folder, in the file to the file's own folder."""
    if not isinstance(given.raw, str) or not given.raw or "\0" in given.raw:
        raise given.not_a("a path")
    return given.base / Path(given.raw).expanduser()


def whole(given: Given, *, least: int = 1) -> int:
    """A whole number of at least ``least``."""
    raw = given.raw
    wanted = f"a whole number of at least {least}"
    if isinstance(raw, str) and given.origin != "file":
        if not re.fullmatch(r"[0-9]{1,18}", raw.strip(), re.ASCII):
            raise given.not_a(wanted)
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < least:
        raise given.not_a(wanted)
    return raw


def seconds(given: Given, *, positive: bool = False) -> float:
    """A number of seconds: not negative, or with ``positive`` more than none."""
    raw = given.raw
    wanted = "a number of seconds" + (", more than 0" if positive else ", 0 or more")
    if isinstance(raw, str) and given.origin != "file":
        try:
            raw = float(raw)
        except ValueError:
            raise given.not_a(wanted) from None
    if not isinstance(raw, int | float) or isinstance(raw, bool) or not math.isfinite(raw):
        raise given.not_a(wanted)
    if raw < 0 or (positive and raw == 0):
        raise given.not_a(wanted)
    return float(raw)


def positive_seconds(given: Given) -> float:
    """A number of seconds, more than none."""
    return seconds(given, positive=True)


def flag(given: Given) -> bool:
    """True or false."""
    raw = given.raw
    if isinstance(raw, str) and given.origin != "file":
        word = raw.strip().lower()
        if word in _YES | _NO:
            return word in _YES
    elif isinstance(raw, bool):
        return raw
    raise given.not_a("true or false")


def entries(given: Given, separators: str = r"\s+") -> tuple[str, ...]:
    """A list of texts, none of them empty, repeated ones once.

    ``separators``: what stands between two texts in the environment.
    """
    raw = given.raw
    found: list[object]
    if isinstance(raw, str):
        found = [word for word in re.split(separators, raw) if word] if given.origin == "environment" else [raw]
    elif isinstance(raw, list | tuple):
        found = list(raw)
    else:
        raise given.not_a("a list of texts")
    for one in found:
        if not isinstance(one, str) or not one.strip() or not one.isprintable():
            raise Given(one, given.origin, given.where).not_a("a line of text")
    return tuple(dict.fromkeys(str(one).strip() for one in found))


def words(given: Given) -> tuple[str, ...]:
    """A list of words; commas separate them wherever they are written. Not empty."""
    found = [word.strip() for entry in entries(given, r"[\s,]+") for word in entry.split(",")]
    if not found or not all(found):
        raise given.not_a("a list of words, separated by commas")
    return tuple(dict.fromkeys(found))


def member(given: Given, members: type[E]) -> E:
    """One of the values of an enumeration."""
    try:
        return members(given.raw if isinstance(given.raw, str) else "")
    except ValueError:
        raise given.not_a(one_of(members)) from None


def one_of(names: object) -> str:
    """``one of a, b, c``; what an error message offers."""
    assert hasattr(names, "__iter__")
    return "one of " + ", ".join(str(name) for name in names)
