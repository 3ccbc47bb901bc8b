"""Where a command's answer goes: stdout, or a file that is whole or as it was before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


@contextmanager
def writing(output: Path | None) -> Iterator[TextIO]:
    """Text in UTF-8 to be written inside; None: stdout. Raises ``Stray`` for a link or a pipe."""
    if output is None:
        yield sys.stdout
        return
    from io import TextIOWrapper

    from crawler.corpus.disk import replacing

    with replacing(output) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="\n")
        try:
            yield text
            text.flush()
        finally:
            with suppress(OSError):  # of a disk that is full it was told already
                text.detach()
