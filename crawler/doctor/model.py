"""What a look comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class State(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    """Works, and may cost something later."""
    PROBLEM = "problem"
    """A crawl cannot run, would be lost, or what is there is not as it was written."""
    UNCHECKED = "not checked"
    """Nobody could tell, or nobody asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    """What, in one or two words."""
    state: State
    """How it is."""
    says: str
    """What was found, in one sentence without its full stop."""
    advice: str | None = None
    """What to do, in one sentence without its full stop; None: nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """What is looked at."""

    folder: Path
    """Where a crawl would write: the corpus, the folder of the configuration, or the working folder."""
    corpus: Path | None = None
    """The corpus; None: the machine alone."""
    environ: Mapping[str, str]
    """The environment."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """What is configured, as :func:`crawler.config.load.understood` gives it."""
    network: bool = False
    """Whether a name may be looked up."""


def ok(name: str, says: str) -> Check:
    """All is well."""
    return Check(name=name, state=State.OK, says=says)


def warning(name: str, says: str, advice: str) -> Check:
    """It works, and may cost something later."""
    return Check(name=name, state=State.WARNING, says=says, advice=advice)


def problem(name: str, says: str, advice: str) -> Check:
    """It has to be mended."""
    return Check(name=name, state=State.PROBLEM, says=says, advice=advice)


def unchecked(name: str, says: str, advice: str | None = None) -> Check:
    """Nobody could tell."""
    return Check(name=name, state=State.UNCHECKED, says=says, advice=advice)
