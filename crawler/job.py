"""One invocation's working set: what the spider, the scheduler and the pipeline share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any

from crawler.audit.entries import SELF_CHECK
from crawler.audit.note import Signer
from crawler.captures import now
from crawler.corpus.corpus import Corpus
from crawler.corpus.journal import Journal
from crawler.frontier.bounds import Bounds
from crawler.frontier.contract import Frontier, Left
from crawler.optout.model import Kind
from crawler.scope import Scope
from crawler.selfcheck import SelfCheck
from crawler.tally import Tally


@dataclass(kw_only=True, slots=True)
class Job:
    """Everything a crawl works with, opened before Scrapy starts and closed after it ended."""

    corpus: Corpus
    """The corpus, open for writing."""
    journal: Journal[Any, Any]
    """Its group commit."""
    frontier: Frontier
    """What is still to visit."""
    scope: Scope
    """Where links may lead."""
    tally: Tally
    """What the display shows."""
    run: str
    """This run's name in the ledger."""
    kinds: frozenset[Kind]
    """What is collected."""
    tries: int = 3
    """How often an undetermined URL is asked before it is left as such."""
    retry_delay: float = 15.0
    """Seconds before the second try; doubled for each further one."""
    max_wait: float = 300.0
    """Seconds the crawl waits when nothing but later retries is left; then it stops, resumable."""
    bounds: Bounds = field(default_factory=Bounds)
    """How much of a host that has no end is taken up."""
    stop_after_refusals: int = 10
    """Refusals in a row after which a host is left alone."""
    max_pages: int | None = None
    """Pages and documents kept in this invocation; None: no limit."""
    max_bytes: int | None = None
    """Bytes of content kept in this invocation; None: no limit."""
    max_time: float | None = None
    """Seconds of this invocation; None: no limit."""
    min_free: int = 0
    """Bytes that are to stay free where the corpus lies; nothing more is asked when there are fewer."""
    dry_run: bool = False
    """Ask for site-level files only."""
    contacts: bool = False
    """Whether origins that reserved something are asked whom to write to, in the end."""
    signer: Signer | None = None
    """Signs checkpoints of the ledger, now and then and at the end; None: nobody does."""
    key: Path | None = None
    """Where the signer's key lies; None: nowhere."""
    metrics: socket | None = None
    """Listens where the crawl's numbers are asked for; None: nobody asks."""
    left: Left | None = None
    """What there was to do when the pipeline last wrote; None: it has not yet."""
    flush: Callable[[], None] | None = None
    """Makes everything durable now; set by the pipeline."""
    refresh: Callable[[], None] | None = None
    """Draws the display; called a few times a second."""
    follow_sitemaps: bool = True
    """Whether sitemaps named by robots.txt are read."""
    seeds: int = 0
    """Seeds that were visited in this invocation."""
    seeds_answered: int = 0
    """Seeds that gave something to judge."""
    pages: int = 0
    """Pages and documents kept in this invocation."""
    bytes: int = 0
    """Bytes kept in this invocation."""
    ended: bool = False
    """Every URL has ended, and those who reserved something are being asked whom to write to."""
    full: bool = False
    """Something was left for the next invocation, because it did not fit under ``max_bytes``."""
    failure: Exception | None = None
    """What stopped the crawl, such as a full disk."""

    def checked(self, check: SelfCheck) -> None:
        """Put on record what the crawl was found to run with; the crawl ends if that cannot be written.

        The list is in the manifest before its digest is in the ledger.
        """
        ledger = self.corpus.ledger
        assert ledger is not None
        self.tally.checked = check.words
        try:
            self.corpus.folder.check_run(self.run, check.values)
            fields = {"settings": len(check.values), "checked": check.digest}
            ledger.append_other(SELF_CHECK, run=self.run, at=now(), **fields)
            self.journal.flush()
        except Exception as error:  # raised here, Scrapy would log it and go on
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """End the crawl: what happens from here on would be without a record. The first failure is told."""
        self.failure = self.failure or error

    def seal(self) -> None:
        """Sign a checkpoint over what is recorded, if it is on disk and anything is new."""
        ledger = self.corpus.ledger
        if self.signer is not None and ledger is not None and not ledger.unsynced:
            self.corpus.seal(self.signer, now())

    @property
    def limit_reached(self) -> bool:
        """Whether nothing more may be kept in this invocation."""
        return (
            self.full
            or (self.max_pages is not None and self.pages >= self.max_pages)
            or (self.max_bytes is not None and self.bytes >= self.max_bytes)
        )
