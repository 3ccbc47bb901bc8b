"""One invocation of the crawler, from a configuration to an ended crawl."""

from __future__ import annotations

import errno
import gc
import logging
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import __version__
from crawler.anchoring import SETTING, anchor
from crawler.audit import keys
from crawler.audit.entries import TIMESTAMP
from crawler.captures import now
from crawler.config import RunConfig
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import CorpusError
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.holds import State
from crawler.corpus.journal import Journal
from crawler.corpus.manifest import Identity, run_name
from crawler.corpus.policies import keep_policy
from crawler.domains import host_of, politeness_domain
from crawler.frontier.contract import FrontierStuck, LeaseLost, Offer
from crawler.frontier.embedded import EmbeddedFrontier
from crawler.frontier.scheduler import WORKER
from crawler.job import Job
from crawler.kinds import kind_of_url
from crawler.optout import Gate
from crawler.optout.model import Decision, Denylist, Kind
from crawler.promise import gate_from_settings, timestamp_url
from crawler.recheck import Difference, Recheck, Wish
from crawler.scope import Scope
from crawler.spiders.check import CheckSpider
from crawler.spiders.corpus import CorpusSpider
from crawler.spiders.recheck import RecheckSpider
from crawler.tally import Tally

_log = logging.getLogger(__name__)

Reason = Literal["finished", "limit", "interrupted"]

DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What the system says when there is no room left, or the disk fails."""


class CannotGoOn(Exception):
    """This machine stopped the crawl; once that is mended, the same command goes on. One sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finish:
    """How a crawl ended."""

    reason: Reason
    """``limit`` and ``interrupted`` can be resumed by the same command."""
    seeds_fetched: int
    """Seeds that gave something to judge, in this invocation or, where it met none, an earlier one."""
    note: str | None = None
    """What the operator should know, in one sentence; None: nothing."""


def crawl(config: RunConfig, tally: Tally, refresh: Callable[[], None] | None = None) -> Finish:
    """Crawl until everything is asked, a limit is reached or somebody interrupts.

    ``refresh`` is called a few times a second to draw the display. Raises ``CorpusError`` or ``FrontierError``,
    each one sentence, when the corpus folder cannot be used, ``OSError`` when it cannot be written to, and
    :class:`CannotGoOn`.
    """
    with _mendable(config.output):
        reason, job = _crawled(config, settings_of(config), tally, refresh)
    answered = job.seeds_answered if job.seeds else 1
    if reason == "finished":
        note = None if answered or config.dry_run else "no seed could be fetched"
        return Finish(reason="finished", seeds_fetched=answered, note=note)
    if reason == "limit":
        return Finish(reason="limit", seeds_fetched=answered)
    note = "what is left may be asked again only later" if reason == "waiting" else None
    return Finish(reason="limit" if note else "interrupted", seeds_fetched=answered, note=note)


def _crawled(
    config: RunConfig, settings: Settings, tally: Tally, refresh: Callable[[], None] | None
) -> tuple[str, Job]:
    """Crawl, and say how it ended; raises what stopped it."""
    with _opened(config, settings, tally, refresh) as job:
        reason = _run(settings, CorpusSpider, job=job)
        if job.failure is not None:
            raise job.failure
        if reason == "limit" and job.frontier.finished():
            reason = "finished"  # the limit was reached with the last URL
    return reason, job


def check(config: RunConfig, urls: Sequence[str]) -> list[Decision]:
    """Ask for each URL the way a crawl would, keep nothing, and return the decisions in their order."""
    settings = settings_of(config)
    _without_frontier(settings)
    decisions: dict[str, Decision] = {}
    if _run(settings, CheckSpider, urls=urls, decisions=decisions) == "shutdown":
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
    config = _as(CorpusFolder.read(corpus).manifest.identity, config, corpus)
    settings = settings_of(config)
    _without_frontier(settings)
    with _mendable(corpus), _reopened(config, settings, wish) as (job, gate):
        work = Recheck(job, gate, wish, told)
        try:
            reason = _run(settings, RecheckSpider, recheck=work)
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


def _without_frontier(settings: Settings) -> None:
    """For spiders that are told what to ask and keep nothing."""
    settings.set("SCHEDULER", "scrapy.core.scheduler.Scheduler", priority="cmdline")
    settings.set("ITEM_PIPELINES", {}, priority="cmdline")
    settings.set("EXTENSIONS", dict.fromkeys(settings.getdict("EXTENSIONS")), priority="cmdline")


@contextmanager
def _mendable(place: Path | None) -> Iterator[None]:
    """Says :class:`CannotGoOn` when this machine, and not the corpus, is what is in the way."""
    try:
        yield
    except OSError as error:
        if error.errno not in DISK:
            raise
        raise CannotGoOn(f"{error.filename or place} cannot be written to: {error.strerror}") from error
    except (FrontierStuck, LeaseLost) as error:
        raise CannotGoOn(str(error).rstrip(".")) from error


def settings_of(config: RunConfig) -> Settings:
    """The Scrapy settings of a run: its profile, then what was configured, then ``-s``."""
    settings = Settings()
    settings.setmodule(f"settings.{config.profile}")
    ours: dict[str, Any] = {
        "OPTOUT_CONTACT": config.contact,
        "OPTOUT_TOKENS": list(config.tokens),
        "OPTOUT_PURPOSES": sorted(config.purposes),
        "OPTOUT_POSTURE": config.posture.value,
        "OPTOUT_READING": config.reading.value,
        "OPTOUT_REASON": config.reason,
        "OPTOUT_ACCEPT": sorted(config.accept),
        "OPTOUT_TRUST_ANCHORS": str(config.trust_anchors) if config.trust_anchors else None,
        "OPTOUT_COMMERCIAL": not config.non_commercial,
        "OPTOUT_COUNTRY": config.country,
        "OPTOUT_DENY_HOSTS": sorted(config.denylist.hosts),
        "OPTOUT_DENY_PREFIXES": list(config.denylist.prefixes),
        "OPTOUT_DENY_SHA256": sorted(config.denylist.sha256),
        "OPTOUT_KINDS": sorted(config.kinds),
        "OPTOUT_ALLOW_PRIVATE": config.allow_private,
        "OPTOUT_PORTS": sorted(config.ports),
        "OPTOUT_MAX_CRAWL_DELAY": config.max_crawl_delay,
        "OPTOUT_RESOLVE": list(config.resolve),
    }
    if "@" in config.contact and "/" not in config.contact:
        headers = dict(settings.getdict("DEFAULT_REQUEST_HEADERS"))
        ours["DEFAULT_REQUEST_HEADERS"] = headers | {"From": config.contact.removeprefix("mailto:")}
    if config.origins.get("delay", "default") != "default":
        ours["DOWNLOAD_DELAY"] = config.delay
    if config.concurrency is not None:
        ours["CONCURRENT_REQUESTS"] = config.concurrency
    settings.update(ours, priority="project")
    settings.update(dict(config.settings), priority="cmdline")
    timestamp_url(settings)  # a mistake in it is told before the crawl, not at its end
    return settings


@contextmanager
def _opened(
    config: RunConfig, settings: Settings, tally: Tally, refresh: Callable[[], None] | None
) -> Iterator[Job]:
    """The corpus and its frontier, open for one crawl."""
    assert config.output is not None
    gate = gate_from_settings(settings)
    signer = keys.signer(corpus=config.output)
    began = now()
    run = run_name(began)
    with Corpus.open(config.output, _identity(config, gate), versions=_versions(), at=began) as corpus:
        keep_policy(corpus.folder.ledger, gate.description, gate.context.trust_anchors)
        frontier = EmbeddedFrontier(corpus.folder.frontier)
        try:
            offers = [_seed(url) for url in config.seeds]
            offers += [_seed(url, link_only=True) for url in config.sitemaps]
            frontier.reclaim(WORKER)
            frontier.begin_run(requeue=frontier.finished())
            frontier.seed(offers)
            seeds = [*config.seeds, *(f"sitemap:{url}" for url in config.sitemaps)]
            corpus.folder.begin_run(run, at=began, seeds=seeds, settings=_recorded(config))
            job = Job(
                corpus=corpus,
                journal=Journal(corpus, frontier, run=run),
                frontier=frontier,
                scope=Scope(config.scope, (*config.seeds, *config.sitemaps)),
                tally=tally,
                signer=signer,
                run=run,
                kinds=config.kinds,
                retry_delay=settings.getfloat("OPTOUT_RETRY_DELAY", 15.0),
                stop_after_refusals=config.stop_after_refusals,
                max_pages=config.max_pages,
                max_bytes=config.max_bytes,
                max_time=config.max_time,
                dry_run=config.dry_run,
                refresh=refresh,
            )
            with _sealed(job, settings):
                yield job
        finally:
            frontier.close()


@contextmanager
def _reopened(config: RunConfig, settings: Settings, wish: Wish) -> Iterator[tuple[Job, Gate]]:
    """A corpus that is there already, open for asking again about what it keeps; nothing is visited anew."""
    assert config.output is not None
    gate = gate_from_settings(settings)
    signer = keys.signer(corpus=config.output)
    began = now()
    run = run_name(began)
    with Corpus.open(config.output, _identity(config, gate), versions=_versions(), at=began) as corpus:
        keep_policy(corpus.folder.ledger, gate.description, gate.context.trust_anchors)
        frontier = EmbeddedFrontier(corpus.folder.frontier)
        try:
            asked = {"command": "recheck", "items": wish.items, "dry_run": wish.dry_run}
            grace = {"grace": wish.grace.total_seconds() / 86_400} if wish.grace is not None else {}
            corpus.folder.begin_run(run, at=began, settings=_recorded(config) | asked | grace)
            job = Job(
                corpus=corpus,
                journal=Journal(corpus, frontier, run=run),
                frontier=frontier,
                scope=Scope("any", ()),
                tally=Tally(),
                signer=signer,
                run=run,
                kinds=config.kinds,
                stop_after_refusals=config.stop_after_refusals,
                dry_run=wish.dry_run,
            )
            with _sealed(job, settings):
                yield job, gate
        finally:
            frontier.close()


@contextmanager
def _sealed(job: Job, settings: Settings) -> Iterator[None]:
    """A run, and its end recorded. However it ends, all that is on disk is signed; time is set under it.

    At its beginning too: what the manifest says of it is to be under a checkpoint before anything rests on it.
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
    ledger, url = job.corpus.ledger, settings.get(SETTING)
    if ledger is None or not url:
        return

    def record(fields: Mapping[str, Any]) -> None:
        ledger.append_other(TIMESTAMP, run=job.run, at=now(), **fields)
        ledger.sync()
        job.seal()

    if problem := anchor(ledger.folder, url, record):
        _log.warning("%s", problem)


def _as(identity: Identity, config: RunConfig, path: Path) -> RunConfig:
    """The configuration with what is fixed for the corpus at ``path``, whose ``identity`` that is."""
    said = {token.lower(): token for token in config.tokens}  # as the operator writes it
    fixed: dict[str, Any] = {
        "tokens": tuple(said.get(token, token) for token in identity.tokens),
        "purposes": frozenset(identity.purposes),
        "posture": identity.posture,
        "reading": identity.reading,
        "reason": config.reason or identity.reason,
        "operator": config.operator or identity.operator,
    }
    origins = dict(config.origins) | dict.fromkeys(("tokens", "purposes", "posture", "reading"), "file")
    return replace(config, **fixed, origins=origins, output=path, kinds=frozenset(Kind))


def _identity(config: RunConfig, gate: Gate) -> Identity:
    return Identity(
        operator=config.operator,
        contact=config.contact,
        tokens=gate.context.agents,
        purposes=tuple(sorted(gate.policy.purposes)),
        posture=gate.policy.posture,
        reading=gate.policy.reading,
        reason=config.reason,
        policy=gate.digest,
    )


def _versions() -> dict[str, str]:
    return {
        "heedful": __version__,
        "scrapy": scrapy.__version__,
        "python": platform.python_version(),
    }


def _seed(url: str, *, link_only: bool = False) -> Offer:
    host = host_of(url)
    return Offer(
        url=url,
        kind=kind_of_url(url),
        domain=politeness_domain(host),
        host=host,
        depth=0,
        seed=True,
        link_only=link_only,
    )


def _recorded(config: RunConfig) -> dict[str, Any]:
    """Every setting that was made, as the manifest keeps it; the rest has its default."""
    made = {}
    for name in config.origins:
        value = getattr(config, name, None)
        if isinstance(value, Denylist):
            value = {"hosts": len(value.hosts), "prefixes": len(value.prefixes), "sha256": len(value.sha256)}
        elif isinstance(value, frozenset | tuple):
            value = sorted(map(str, value))
        elif isinstance(value, Mapping):
            value = dict(value)
        made[name] = value if isinstance(value, bool | int | float | dict | list | None) else str(value)
    return made


def _run(settings: Settings, spider: type[scrapy.Spider], **arguments: Any) -> str:
    """Run one spider in this process until it ends, and say why it did."""
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(spider)
    reasons: list[str] = []
    failures: list[BaseException] = []

    def closed(reason: str) -> None:
        reasons.append(reason)

    crawler.signals.connect(closed, signal=scrapy.signals.spider_closed)

    def ended(task: Any) -> None:
        if not task.cancelled() and task.exception() is not None:
            failures.append(task.exception())

    process.crawl(crawler, **arguments).add_done_callback(ended)
    # A crawl makes many short-lived objects beside a large library that never goes away: looking through the
    # library for garbage over and over cost a third of the time of a page.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    process.start()
    if failures:
        raise failures[0]
    return reasons[0] if reasons else "failed"
