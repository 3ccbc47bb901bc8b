"""Texts that are read for an export are measured in passing, so that a report need not read them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.corpus.measures import Measures
from crawler.export.streams import closable
from crawler.text.measuring import TOGETHER, measure_of
from crawler.text.model import How, Unread

if TYPE_CHECKING:
    from crawler.corpus.items import Item
    from crawler.export.spool import Found


def noting(corpus: Path, how: How, results: Iterator[tuple[Item, Found]]) -> Iterator[tuple[Item, Found]]:
    """``results``, noted among the measures of the corpus in this folder.

    Those of another extractor than a report uses are not. It is a service to others: where it cannot be done,
    the export goes on without.
    """
    if how.quality or how.markdown:
        yield from results
        return
    with ExitStack() as held:
        measures: Measures | None = None
        with suppress(OSError):
            measures = held.enter_context(Measures.open(corpus))
        stream = held.enter_context(closing(closable(results)))
        for number, (item, found) in enumerate(stream, 1):
            if measures is not None and not (isinstance(found, Unread) and found.damaged):
                try:
                    before = measures.of(item.sha256)
                    if before is None or before.tries:
                        measures.note(item.sha256, measure_of(found, before))
                    if number % TOGETHER == 0:
                        measures.commit()
                except OSError:
                    measures = None
            yield item, found
        if measures is not None:
            with suppress(OSError):
                measures.commit()
