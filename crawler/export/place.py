"""The folder of an export: that it is one, that nobody else writes to it, and that nothing leads out of it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.corpus.disk import TEMPORARY, naming, sync_folder
from crawler.corpus.within import strays
from crawler.export.columns import Table
from crawler.export.made import STATE
from crawler.export.model import ExportError
from crawler.export.notes import FOLDER

LOCK = "lock"


@contextmanager
def holding(folder: Path, corpus: Path) -> Iterator[None]:
    """``folder`` as the place of an export of the corpus at ``corpus``, begun if it is empty or not there.

    Raises ``ExportError``, and has then written nothing. What a crash left unfinished in it is deleted.
    """
    _expect(folder, corpus)
    with naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
    _expect_only_files(folder)
    with naming(folder / FOLDER):
        (folder / FOLDER).mkdir(exist_ok=True)
        sync_folder(folder)
    lock = _locked(folder)
    try:
        _sweep(folder)
        yield
    finally:
        os.close(lock)


def _expect(folder: Path, corpus: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is not a folder: name one that is empty or not there yet")
    if folder.resolve().is_relative_to(corpus.resolve()):
        raise ExportError(f"{folder} lies inside the corpus: name a folder beside it")
    if not folder.exists():
        return
    with naming(folder):
        names = {path.name for path in folder.iterdir()}
    if names and not names & {STATE, FOLDER}:
        raise ExportError(f"{folder} is not empty and no export: it has no {STATE}; name another folder")


def _expect_only_files(folder: Path) -> None:
    """A symbolic link could have what is exported written, or deleted, elsewhere; a pipe is waited for."""
    for path, what in strays(folder):
        raise ExportError(f"{path} is {what}: an export writes only files inside its folder; remove it")


def _locked(folder: Path) -> int:
    """The lock on the folder; it ends with the process, however that ends."""
    path = folder / FOLDER / LOCK
    with naming(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise ExportError(
                f"{folder} is in use: another process exports into it; wait until it ends"
            ) from None
        except OSError:
            os.close(descriptor)
            raise
    return descriptor


def _sweep(folder: Path) -> None:
    """Delete what a crash left half written of shards, pictures and notes."""
    for part in (FOLDER, *Table):
        for place, _, files in os.walk(folder / part):
            for name in files:
                if name.endswith(TEMPORARY):
                    (Path(place) / name).unlink(missing_ok=True)
