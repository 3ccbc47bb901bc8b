"""The pictures of the demo web: files beside this one, each with its size in its name.

They are painted by ``docs/make_demo_pictures.py``; nobody else's work is in them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}
"""What is announced, by the end of the name."""


@cache
def files() -> dict[str, Path]:
    """Every picture by its name without size and format: ``harbour`` for ``harbour-480x320.jpg``."""
    return {path.name.rpartition("-")[0]: path for path in sorted(FOLDER.glob("*-*x*.*"))}


@cache
def read(name: str) -> bytes:
    """The picture of that name; raises ``KeyError``."""
    return files()[name].read_bytes()


def file_name(name: str) -> str:
    """Its file's name, with size and format; raises ``KeyError``."""
    return files()[name].name
