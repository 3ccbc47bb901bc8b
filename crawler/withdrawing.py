"""A withdrawal from beginning to end: on record, out of frontier and archive, signed, with its certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from crawler.audit import keys
from crawler.captures import now
from crawler.corpus.certificate import Certificate, certificate_of
from crawler.corpus.corpus import Corpus
from crawler.corpus.disk import BEYOND_US
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.manifest import run_name
from crawler.corpus.withdrawal import Carried, Wish, Withdrawals, withdraw
from crawler.frontier.contract import FrontierError
from crawler.frontier.embedded import EmbeddedFrontier


class Unfinished(Exception):
    """The disk stopped the withdrawal. Says in one sentence what is on record, and what is left to do."""


def carry_out(
    path: Path, wish: Wish, *, reason: str, ticket: str | None, warn: Callable[[str], None]
) -> tuple[Carried, Certificate]:
    """Take what ``wish`` covers out of the corpus at ``path``; see :func:`crawler.corpus.withdrawal.withdraw`.

    ``warn`` is called with a sentence about what could not be done and does not stop the withdrawal. Raises
    ``CorpusError``, :class:`Unfinished`, and ``OSError`` where a file cannot be used for another reason.
    """
    CorpusFolder.read(path)  # before a key is made: there may be no corpus
    signer = keys.signer(corpus=path)
    at = now()
    try:
        with Corpus.change(path, at=at) as corpus:
            corpus.seal(signer, at)
            carried = withdraw(
                corpus,
                wish,
                reason=reason,
                ticket=ticket,
                run=run_name(at),
                at=at,
                before=partial(_tell_frontier, corpus.folder.frontier, warn),
            )
            corpus.seal(signer, now())
            return carried, certificate_of(corpus, carried, str(signer.verifier))
    except OSError as error:
        if error.errno not in BEYOND_US:
            raise
        stands = _where_it_stands(path, wish, at)
        raise Unfinished(f"{error.filename or path}: {error.strerror}; {stands}") from error


def _tell_frontier(path: Path, warn: Callable[[str], None], urls: Iterable[str]) -> None:
    """These URLs count as kept no longer. A frontier that cannot be used is no reason to keep content.

    It is told before the ledger: a crash in between has a URL asked again that is still there, and no more.
    """
    if not path.exists():
        return
    try:
        frontier = EmbeddedFrontier(path)
        try:
            frontier.gone(urls, forget=True)
        finally:
            frontier.close()
    except FrontierError as error:
        warn(f"{error} The withdrawal goes on without it.")


def _where_it_stands(path: Path, wish: Wish, at: datetime) -> str:
    """What is left of a withdrawal that found no room, in words."""
    with Corpus.read(path) as corpus:
        found = Withdrawals(corpus.index).on_record(wish)
    if found is None or found.at != at:
        return "nothing was removed and nothing recorded; make room and say the same again"
    return (
        f"the withdrawal is on record as entry {found.entry}, and what is not removed yet will be as soon as "
        "there is room and a command writes to this corpus; the same command again does it"
    )
