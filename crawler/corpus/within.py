"""That a folder of ours holds files and folders only, so that nothing is read or written outside of it.

A symbolic link inside could have what is written, cut or deleted happen to somebody's other files, and what is
read come from there; a pipe or a device would be waited for. The folder itself may be reached through a link:
whoever names it on the command line says where it is. Hard links are left alone: copies made by backups are.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from crawler.corpus.errors import Stray

LINK = "a symbolic link"
"""What a link is called in a message."""
OTHER = "neither a file nor a folder"
"""What a pipe, a socket or a device is called in a message."""


def strays(folder: Path, apart: Collection[Path] = ()) -> Iterator[tuple[Path, str]]:
    """What is below ``folder`` and is no file and no folder, with what it is called.

    ``apart``: paths that are not looked at, nor what is below them. What vanishes meanwhile, because another
    process writes, and what may not be listed, is passed over.
    """
    with suppress(FileNotFoundError, PermissionError), os.scandir(folder) as scanned:
        for one in sorted(scanned, key=lambda entry: entry.name):
            path = folder / one.name
            if path in apart:
                continue
            if one.is_symlink():
                yield path, LINK
            elif one.is_dir(follow_symlinks=False):
                yield from strays(path, apart)
            elif not one.is_file(follow_symlinks=False) and os.path.lexists(path):
                yield path, OTHER


def expect_only_files(folder: Path, apart: Collection[Path] = ()) -> None:
    """Raise ``Stray`` for the first of :func:`strays`."""
    for path, what in strays(folder, apart):
        raise stray(path, what)


def expect_file(path: Path) -> None:
    """Raise ``Stray`` unless ``path`` is a file, a folder, or not there."""
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise stray(path, LINK)
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise stray(path, OTHER)


def stray(path: Path, what: str) -> Stray:
    """What to raise for ``path``, which is called ``what``."""
    if what == LINK:
        return Stray(f"{path} is {what}, and none is followed: put in its place what it leads to, or remove it")
    return Stray(f"{path} is {what}: remove it")
