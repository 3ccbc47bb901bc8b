"""Measures what was not measured yet: the language and length of every text of a corpus."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from crawler.corpus.corpus import Corpus
from crawler.corpus.measures import Measure, Measures
from crawler.optout.model import Kind
from crawler.text.model import PASSING, TRIES, How, Unread, Words
from crawler.text.pool import read_words
from crawler.text.scripts import words

TOGETHER = 200
"""Measures that are written at once."""

MEASURED = frozenset({Kind.TEXT, Kind.PDF, Kind.EPUB})
"""What has words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What became of it."""

    measured: int
    """Contents that were measured now."""
    known: int
    """Items whose content was measured before, or is another item's too."""
    failed: tuple[tuple[str, str], ...]
    """URL and reason of each item whose words could not be had now."""


def measure(
    corpus: Corpus, *, progress: Callable[[int], None] | None = None, workers: int | None = None
) -> Measured:
    """Fill in what is missing for texts, PDF and EPUB files, and forget what is not held any more.

    ``progress`` is told the number of contents done so far. ``workers``: as for
    :func:`~crawler.text.pool.read_words`. Damaged records are tried again next time, what ran out of
    time a few times more; other failures are remembered. Raises ``OSError`` when the disk is full.
    """
    done, failed = 0, []
    with Measures.open(corpus.folder.path) as measures:
        measures.prune(corpus.store.items())
        held = sum(1 for item in corpus.store.items() if item.kind in MEASURED)
        # Listed before anything is noted: the items are not read while they are written about.
        missing = list(measures.missing(item for item in corpus.store.items() if item.kind in MEASURED))
        with closing(read_words(corpus.folder.archive, missing, How(), workers=workers)) as results:
            for item, result in results:
                done += 1
                if isinstance(result, Unread):
                    failed.append((item.url, result.reason))
                if not isinstance(result, Unread) or not result.damaged:
                    measures.note(item.sha256, measure_of(result, measures.of(item.sha256)))
                if done % TOGETHER == 0:
                    measures.commit()
                if progress is not None:
                    progress(done)
        measures.commit()
    return Measured(measured=done - len(failed), known=held - len(missing), failed=tuple(failed))


def measure_of(result: Words | Unread, before: Measure | None = None) -> Measure:
    """The measure of one result; ``before``: what was noted of the same content until now."""
    if isinstance(result, Unread):
        tries = 1 + (0 if before is None else before.tries) if result.reason in PASSING else 0
        return Measure(
            language=None,
            confidence=None,
            characters=0,
            bytes=0,
            words=0,
            extractor="",
            failure=result.reason,
            tries=tries if tries < TRIES else 0,
        )
    return Measure(
        language=result.language,
        confidence=result.confidence,
        characters=len(result.text),
        bytes=len(result.text.encode("utf-8")),
        words=words(result.text),
        extractor=result.extractor,
    )
