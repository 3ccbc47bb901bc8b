"""Builds every fixture file: ``python -m tests.vectors.assets.make_assets FOLDER`` writes them all.

Nothing here was taken from anybody's file. Each module beside this one holds a table ``ASSETS`` of names and
builders; a vector names one of them as ``body_asset``.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

Builder = Callable[[], bytes]


@cache
def builders() -> dict[str, Builder]:
    """Every fixture by name, from all modules of this folder."""
    found: dict[str, Builder] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        table = getattr(importlib.import_module(f"{__package__}.{module.name}"), "ASSETS", {})
        twice = found.keys() & table
        assert not twice, f"{module.name} builds {twice} again"
        found |= table
    return found


@cache
def build(name: str) -> bytes:
    """The fixture called ``name``."""
    return builders()[name]()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in builders():
        (folder / name).write_bytes(build(name))
    print(f"{len(builders())} files in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
