"""The few disk operations on which the order of writes rests."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crawler.corpus.errors import Damaged
from crawler.corpus.within import expect_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEMPORARY = ".tmp"
"""Ending of a file that is not whole yet; one that a crash leaves behind is deleted at the next opening."""

BEYOND_US = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Error numbers of an ``OSError`` that says that there is no room left, or that the disk fails."""


@dataclass(slots=True)
class Cuts:
    """How often :func:`cut` was called."""

    value: int = 0
    """Times."""


cuts = Cuts()
"""Torn ends that this process has cut off, for whoever watches it."""


def free(path: Path) -> int:
    """Bytes that this user may still write where ``path`` lies, or is going to lie. Raises ``OSError``."""
    path = path.absolute()
    there = next(one for one in (path, *path.parents) if one.exists())
    found = os.statvfs(there)
    return found.f_bavail * found.f_frsize


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have every ``OSError`` inside say which file it is about."""
    try:
        yield
    except OSError as error:
        if error.filename == str(path):
            raise
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def write_all(descriptor: int, data: bytes) -> None:
    """``os.write`` until all of ``data`` is written."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def append_at(path: Path, start: int, data: bytes) -> None:
    """Write ``data`` to the end of the file, which has ``start`` bytes or is begun. Durable on return.

    Where writing fails, what was written of it is cut off again, and an ``OSError`` names the file. Raises
    ``Stray`` for a link or a pipe.
    """
    expect_file(path)
    with naming(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            size = os.fstat(descriptor).st_size
            if size != start:
                raise Damaged(f"{path.name} is {size} bytes long, but {start} were written to it")
            try:
                os.lseek(descriptor, start, os.SEEK_SET)
                write_all(descriptor, data)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, start)
                raise
        finally:
            os.close(descriptor)
        if start == 0:
            sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make created, renamed and deleted names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write ``path`` anew: after a crash it holds the old bytes or the new ones, never a mixture.

    ``mode``: who may read and write it, less what the process's umask takes away.
    """
    with replacing(path, mode=mode) as file:
        file.write(data)


@contextmanager
def replacing(path: Path, *, mode: int = 0o666, ready: Callable[[], None] = lambda: None) -> Iterator[BinaryIO]:
    """A file to be written inside, which takes the place of ``path`` afterwards; see :func:`replace_file`.

    ``ready`` is called when it is complete and about to do so. Whatever is raised, the old file stays. Raises
    ``Stray`` where ``path`` is a link or a pipe.
    """
    expect_file(path)
    temporary = path.with_name(path.name + TEMPORARY)
    with naming(path):
        try:
            _clear(temporary)
            with open(temporary, "wb", opener=partial(_open_itself, mode=mode)) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            ready()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def _clear(path: Path) -> None:
    """Take away what is no file: a link would be written through, a pipe waited for."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.unlink()


def _open_itself(path: str, flags: int, *, mode: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, mode)


def cut(path: Path, size: int, *, keep: bool = False) -> None:
    """Shorten the file to ``size`` bytes. Durable on return.

    A file of which nothing is left is deleted, unless it is to be there even so: ``keep``.
    """
    expect_file(path)
    cuts.value += 1
    with naming(path):
        if size == 0 and not keep:
            path.unlink()
            sync_folder(path.parent)
            return
        with path.open("r+b") as file:
            file.truncate(size)
            os.fsync(file.fileno())
