"""What the crawler can be told to do, from a configuration to the end: crawl, check, recheck."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from scrapy.settings import Settings

from crawler import jsonlog
from crawler.captures import now
from crawler.config import RunConfig
from crawler.corpus.disk import BEYOND_US, free
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.holds import State
from crawler.extensions import SCARCE
from crawler.frontier.contract import FrontierStuck, LeaseLost
from crawler.job import Job
from crawler.metrics.door import opened
from crawler.opening import for_crawl, for_recheck
from crawler.optout.model import OPEN, Decision, Outcome
from crawler.process import run_spider
from crawler.provenance import as_collected
from crawler.recheck import Difference, Recheck, Wish
from crawler.scrapy_settings import settings_of, without_frontier
from crawler.spiders.check import CheckSpider
from crawler.spiders.corpus import CorpusSpider
from crawler.spiders.recheck import RecheckSpider
from crawler.tally import Tally

REDIRECTS = 20
"""How often a seed may lead elsewhere until it is let go."""

Reason = Literal["finished", "limit", "interrupted"]


class CannotGoOn(Exception):
    """This machine stopped the crawl; once that is mended, the same command goes on. One sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finish:
    """How a crawl ended."""

    reason: Reason
    """``limit`` and ``interrupted`` can be resumed by the same command."""
    seeds_fetched: int
    """Seeds that gave something to judge in this invocation; 1 where none did, but one of an earlier invocation
    of the same crawl."""
    note: str | None = None
    """What the operator should know, in one sentence; None: nothing."""


def crawl(config: RunConfig, tally: Tally, refresh: Callable[[], None] | None = None) -> Finish:
    """Crawl until everything is asked, a limit is reached or somebody interrupts.

    ``refresh`` is called a few times a second to draw the display. Raises ``CorpusError`` or ``FrontierError``,
    each one sentence, when the corpus folder cannot be used, ``OSError`` when it cannot be written to, and
    :class:`CannotGoOn`.
    """
    settings = settings_of(config)
    jsonlog.at_level(settings.get("LOG_LEVEL"))
    with _mendable(config.output):
        _leave_room(config)  # before anything is made, or anybody asked
        reason, job, later = _crawled(config, settings, tally, refresh)
        if reason == SCARCE:
            _leave_room(config)  # raises, unless somebody has made room already
    answered = job.seeds_answered if job.seeds else 1
    if reason == "finished":
        note = None if answered or config.dry_run else "no seed could be fetched"
        return Finish(reason="finished", seeds_fetched=answered, note=note)
    if reason == "limit":
        return Finish(reason="limit", seeds_fetched=answered)
    return Finish(reason="limit" if later else "interrupted", seeds_fetched=answered, note=later)


def _crawled(
    config: RunConfig, settings: Settings, tally: Tally, refresh: Callable[[], None] | None
) -> tuple[str, Job, str | None]:
    """Crawl, and say how it ended, and when to go on where that is later; raises what stopped it."""
    with opened(config.metrics) as listener, for_crawl(config, settings, tally, refresh) as job:
        job.metrics = listener
        reason = run_spider(settings, CorpusSpider, job=job)
        if job.failure is not None:
            raise job.failure
        if (reason in ("limit", SCARCE) or job.ended) and job.frontier.finished():
            reason = "finished"  # the limit was reached with the last URL, or something stopped what came after
        if reason == "finished" and job.seeds and not job.seeds_answered:
            job.seeds_answered = any(_answered_before(job, url) for url in (*config.seeds, *config.sitemaps))
        later = _later(job) if reason == "waiting" else None
    return reason, job, later


def _later(job: Job) -> str:
    """From when on something of what is left may be asked, in words."""
    words, due = "what is left may be asked again only later", job.frontier.left().next_due
    if due is None:
        return words
    first = now() + timedelta(seconds=max(due - job.frontier.now(), 0.0) + 60)  # minutes, never too early
    return f"{words}, from {first:%Y-%m-%d %H:%M} UTC on"


def _answered_before(job: Job, url: str) -> bool:
    """Whether a seed gave something to judge in an earlier invocation of this crawl.

    Such a seed is not met again: only a crawl that begins anew asks for all of them.
    """
    for _ in range(REDIRECTS):
        entry = job.corpus.last_decision(url)
        if entry is None or entry.fields["run"] == job.run:
            return False
        decision = entry.decision
        if decision.outcome in OPEN or decision.outcome is Outcome.RESERVED:
            return True
        moved = [ground.evidence for ground in decision.grounds if ground.signal == "house"]
        if not moved or moved[0].locator != "moved":
            return False
        url = moved[0].excerpt
    return False


def _leave_room(config: RunConfig) -> None:
    """Raise :class:`CannotGoOn` when the disk has less room than is to stay free."""
    if config.output is None or not config.min_free:
        return
    left = free(config.output)
    if left < config.min_free:
        raise CannotGoOn(
            f"only {left:,} bytes are free where {config.output} lies, and [limits] min_free leaves "
            f"{config.min_free:,} free"
        )


def check(config: RunConfig, urls: Sequence[str]) -> list[Decision]:
    """Ask for each URL the way a crawl would, keep nothing, and return the decisions in their order."""
    settings = settings_of(config)
    without_frontier(settings)
    decisions: dict[str, Decision] = {}
    if run_spider(settings, CheckSpider, urls=urls, decisions=decisions) == "shutdown":
        raise KeyboardInterrupt
    return [decisions[url] for url in urls if url in decisions]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rechecked:
    """What asking again about a corpus came to."""

    finished: bool
    """False: it was interrupted; what was found until then is recorded and acted on."""
    origins: int
    """Origins that were asked."""
    counts: Mapping[State, int]
    """URLs by what became of them."""
    withdrawn: int
    """URLs that left the corpus."""


def recheck(config: RunConfig, corpus: Path, wish: Wish, told: Callable[[Difference], None]) -> Rechecked:
    """Ask again about everything that ``corpus`` keeps, as the one that it was collected by.

    ``told`` is called with every difference. Raises ``CorpusError`` or ``FrontierError``, each one sentence,
    and :class:`CannotGoOn`.
    """
    config = as_collected(CorpusFolder.read(corpus).manifest.identity, config, corpus)
    settings = settings_of(config)
    without_frontier(settings)
    with _mendable(corpus), for_recheck(config, settings, wish) as (job, gate):
        work = Recheck(job, gate, wish, told)
        try:
            reason = run_spider(settings, RecheckSpider, recheck=work)
            if job.failure is not None:
                raise job.failure
            work.finish()
        finally:
            work.close()
    return Rechecked(
        finished=reason == "finished",
        origins=work.origins,
        counts={state: number for state, number in work.counts.items() if number},
        withdrawn=work.withdrawn,
    )


@contextmanager
def _mendable(place: Path | None) -> Iterator[None]:
    """Says :class:`CannotGoOn` when this machine, and not the corpus, is what is in the way."""
    try:
        yield
    except OSError as error:
        if error.errno not in BEYOND_US:
            raise
        raise CannotGoOn(f"{error.filename or place} cannot be written to: {error.strerror}") from error
    except (FrontierStuck, LeaseLost) as error:
        raise CannotGoOn(str(error).rstrip(".")) from error
