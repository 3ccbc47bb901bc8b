"""What a check found: what does not hold, what an auditor should know, and how much was looked at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST = 1_000
"""Findings that are kept; of more, only the number. A ledger that is wrong throughout needs no longer list."""

_PLACED = re.compile(r"(?P<path>.+?): (?P<what>.*?\bbyte (?P<offset>\d+)\b.*)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that does not hold."""

    what: str
    """What, in one sentence."""
    entry: int | None = None
    """The ledger entry it is about."""
    file: str | None = None
    """The file it is about, relative to the corpus folder."""
    offset: int | None = None
    """Where in that file, in bytes."""
    url: str | None = None
    """The URL it is about."""

    def as_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "what": self.what,
            "entry": self.entry,
            "file": self.file,
            "offset": self.offset,
            "url": self.url,
        }


@dataclass(kw_only=True)
class Findings:
    """What one verification found, while it goes on."""

    folder: Path
    """The corpus folder."""
    found: list[Finding] = field(default_factory=list)
    """What does not hold, the first :data:`MOST`."""
    count: int = 0
    """How many things do not hold."""
    notes: list[str] = field(default_factory=list)
    """What holds, and should be known all the same."""
    counts: Counter[str] = field(default_factory=Counter)
    """How much was looked at, by name."""

    def add(self, what: str, **where: Any) -> None:
        """Something does not hold; ``where``: the other fields of a :class:`Finding`."""
        self.count += 1
        if len(self.found) < MOST:
            self.found.append(Finding(what=what, **where))

    def damage(self, error: Exception, **where: Any) -> None:
        """A file could not be read to its end; the message of ``Damaged`` says which, where and why."""
        text = str(error)
        placed = _PLACED.fullmatch(text)
        if placed is not None:
            where.setdefault("offset", int(placed["offset"]))
        path = placed["path"] if placed is not None else text.split(" ")[0]
        if (name := self._name(path)) is not None:
            where.setdefault("file", name)
            text = placed["what"] if placed is not None else text.replace(path, name)
        self.add(text, **where)

    def note(self, what: str) -> None:
        """Something that holds and should be known."""
        if what not in self.notes and len(self.notes) < MOST:
            self.notes.append(what)

    def name_of(self, path: Path) -> str:
        """A path relative to the corpus folder, as findings name it."""
        return path.relative_to(self.folder).as_posix()

    def _name(self, path: str) -> str | None:
        try:
            return self.name_of(Path(path))
        except ValueError:
            return None


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below ``folder``, in an order that does not depend on the machine."""
    yield from sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
