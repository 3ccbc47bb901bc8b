"""The chain of earlier summaries: the same content keeps its version, other content gets the next one.

::

    index.html  summary.json  domains.csv …      the latest
    previous/v1/…                                what was there before, as it was

What counts as content is what the answers say, not when they were written, so that a summary made twice of one
corpus is one summary.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.corpus.disk import TEMPORARY, naming, sync_folder

PREVIOUS = "previous"
"""The folder of earlier summaries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """One summary of the chain."""

    version: int
    """Counts from 1."""
    updated: str
    """The day on which its content was first written, DD/MM/YYYY."""
    content: str
    """Digest of its content."""

    def plain(self) -> dict[str, Any]:
        """As it is kept in the JSON file."""
        return {"version": self.version, "updated": self.updated, "content": self.content}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """The latest summary and those before it."""

    latest: Edition
    """The one that is being written."""
    earlier: tuple[Edition, ...]
    """Those before, newest first."""

    @classmethod
    def after(cls, file: Path, content: Sequence[Mapping[str, Any]], at: datetime) -> Chain:
        """The chain that goes on from the summary in ``file``, if there is one, with this content."""
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        known = _read(file) or _last(file)
        if known and known[0].content == digest:
            return cls(latest=known[0], earlier=known[1:])
        version = 1 + max((one.version for one in known), default=0)
        return cls(latest=Edition(version=version, updated=f"{at:%d/%m/%Y}", content=digest), earlier=known)


def set_aside(folder: Path, names: Sequence[str], chain: Chain) -> None:
    """Move the files of the summary before the latest to its place among the earlier ones, unless they are.

    After a crash in between, the next call moves the rest.
    """
    if not chain.earlier or not (folder / names[0]).exists():
        return
    known = _read(folder / names[0])
    if known and known[0].content == chain.latest.content:
        return
    place = folder / PREVIOUS / f"v{chain.earlier[0].version}"
    with naming(place):
        place.mkdir(parents=True, exist_ok=True)
    for name in reversed(names):  # the one that tells the version goes last
        if (folder / name).exists():
            with naming(folder / name):
                (folder / name).replace(place / name)
    sync_folder(place)
    sync_folder(folder)


@contextmanager
def prepared(folder: Path) -> Iterator[Path]:
    """An empty folder inside ``folder`` for files that are to take their places together; gone afterwards."""
    place = folder / f"prepared{TEMPORARY}"
    _clear(place)
    with naming(place):
        place.mkdir()
    try:
        yield place
    finally:
        _clear(place)


def put_in_place(fresh: Path, folder: Path, names: Sequence[str]) -> None:
    """Move the files of ``names`` from ``fresh`` into ``folder``, the first last; what it lacks goes."""
    for name in reversed(names):
        with naming(folder / name):
            if (fresh / name).exists():
                (fresh / name).replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
    sync_folder(folder)


def _clear(place: Path) -> None:
    """Remove a folder that a crash, or somebody, left there; what a link leads to is left alone."""
    with naming(place):
        if place.is_symlink() or place.is_file():
            place.unlink()
        elif place.exists():
            shutil.rmtree(place)


def _last(file: Path) -> tuple[Edition, ...]:
    """What the newest of the earlier summaries knows of, where a crash left them alone."""
    chains = (_read(place / file.name) for place in (file.parent / PREVIOUS).glob("v*"))
    return max(chains, key=lambda chain: chain[0].version if chain else 0, default=())


def _read(file: Path) -> tuple[Edition, ...]:
    """The summaries that a JSON file knows of, its own first; none where it is no such file."""
    try:
        rows = json.loads(file.read_bytes())["editions"]
        return tuple(
            Edition(version=int(row["version"]), updated=str(row["updated"])[:10], content=str(row["content"]))
            for row in rows
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ()
