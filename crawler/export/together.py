"""Files that appear together or not at all: how a shard is put down."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crawler.corpus.disk import TEMPORARY, naming, sync_folder


@contextmanager
def together(paths: Sequence[Path]) -> Iterator[tuple[BinaryIO, ...]]:
    """Files of one folder to be written inside, which take the places of ``paths`` afterwards, durably.

    The first of them is the last to take its place, and one that is there before is removed first: whenever it
    is there, the others are there with it, also after a crash. Whatever is raised, none of them is there,
    neither the new ones nor those they were to replace, because what is written anew was out of date.

    An ``OSError`` raised here names the file it is about. What is raised inside passes as it is, because inside
    other files are read, too.
    """
    folder = paths[0].parent
    temporaries = [path.with_name(path.name + TEMPORARY) for path in paths]
    with naming(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with ExitStack() as opened:
            files: list[BinaryIO] = []
            for path, temporary in zip(paths, temporaries, strict=True):
                with naming(path):
                    files.append(opened.enter_context(_closing(temporary)))
            yield tuple(files)
            for path, file in zip(paths, files, strict=True):
                with naming(path):
                    file.flush()
                    os.fsync(file.fileno())
        if len(paths) > 1:
            with naming(paths[0]):
                paths[0].unlink(missing_ok=True)
        for path, temporary in reversed([*zip(paths, temporaries, strict=True)]):
            with naming(path):
                temporary.replace(path)
    except BaseException:
        for path in (*paths, *temporaries):
            with suppress(OSError):  # what stopped the writing is what is to be told
                path.unlink(missing_ok=True)
        raise
    with naming(folder):
        sync_folder(folder)


@contextmanager
def _closing(path: Path) -> Iterator[BinaryIO]:
    """A new file. After an exception, what could not be written at closing is not told as well."""
    file = path.open("wb")
    try:
        yield file
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    file.close()
