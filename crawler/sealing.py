"""The beginning and the end of a run, as the ledger shows them: signed, and anchored in time."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from crawler.anchoring import anchor
from crawler.audit.entries import TIMESTAMP
from crawler.captures import now
from crawler.corpus.errors import CorpusError
from crawler.job import Job

_log = logging.getLogger(__name__)


@contextmanager
def sealed(job: Job, authority: str | None) -> Iterator[None]:
    """A run that the manifest knows, and its end recorded. However it ends, all that is on disk is signed.

    At its beginning too: what the manifest says of it is to be under a checkpoint before anything rests on it.
    The last checkpoint is time-stamped by ``authority``, a URL; None: by nobody.
    """
    job.seal()
    try:
        yield
    except BaseException:
        with suppress(OSError, CorpusError):  # what went wrong first is what is told
            job.seal()
        raise
    job.corpus.folder.end_run(job.run, at=now())
    job.seal()
    ledger = job.corpus.ledger
    if ledger is None or not authority:
        return

    def record(fields: Mapping[str, Any]) -> None:
        ledger.append_other(TIMESTAMP, run=job.run, at=now(), **fields)
        ledger.sync()
        job.seal()

    if problem := anchor(ledger.folder, authority, record):
        _log.warning("%s", problem)
