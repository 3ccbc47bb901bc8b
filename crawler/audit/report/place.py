"""The folders below the one that a report was asked into: made by us, and nothing in them leads out of them."""

from __future__ import annotations

from pathlib import Path

from crawler.corpus.disk import TEMPORARY, naming
from crawler.corpus.within import expect_file, stray, strays


def own_folder(place: Path) -> None:
    """Make ``place`` unless it is there. An ``OSError`` names it. Raises ``Stray``, see :func:`expect_own`."""
    expect_own(place)
    with naming(place):
        place.mkdir(exist_ok=True)


def expect_own(place: Path) -> None:
    """Raise ``Stray`` where ``place`` is a link, or a link or a pipe is below it.

    Where a file was only prepared, whatever stands there is removed before anything is written.
    """
    expect_file(place)
    for path, what in strays(place) if place.exists() else ():
        if not path.name.endswith(TEMPORARY):
            raise stray(path, what)
