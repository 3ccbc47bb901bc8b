"""Opening a corpus to add to it: for a crawl, or for asking again about what it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime

from scrapy.settings import Settings

from crawler import jsonlog
from crawler.anchoring import SETTING
from crawler.audit import keys
from crawler.captures import now
from crawler.config import RunConfig
from crawler.corpus.corpus import Corpus
from crawler.corpus.journal import Journal
from crawler.corpus.manifest import run_name
from crawler.corpus.policies import keep_policy
from crawler.domains import host_of, politeness_domain
from crawler.frontier.bounds import Bounds
from crawler.frontier.contract import Offer
from crawler.frontier.embedded import EmbeddedFrontier
from crawler.frontier.scheduler import WORKER
from crawler.job import Job
from crawler.kinds import kind_of_url
from crawler.optout import Gate
from crawler.promise import gate_from_settings
from crawler.provenance import identity_of, recorded, versions
from crawler.recheck import Wish
from crawler.scope import Scope
from crawler.sealing import sealed
from crawler.tally import Tally


@contextmanager
def for_crawl(
    config: RunConfig, settings: Settings, tally: Tally, refresh: Callable[[], None] | None
) -> Iterator[Job]:
    """The corpus and its frontier, open for one crawl; sealed when the crawl is over."""
    began, scope = now(), Scope(config.scope, (*config.seeds, *config.sitemaps))
    with _opened(config, gate_from_settings(settings), began, scope, tally) as job:
        offers = [_seed(url) for url in config.seeds]
        offers += [_seed(url, link_only=True) for url in config.sitemaps]
        job.frontier.reclaim(WORKER)
        job.frontier.begin_run(requeue=job.frontier.finished())
        job.frontier.seed(offers)
        seeds = [*config.seeds, *(f"sitemap:{url}" for url in config.sitemaps)]
        job.corpus.folder.begin_run(job.run, at=began, seeds=seeds, settings=recorded(config))
        job.retry_delay = settings.getfloat("OPTOUT_RETRY_DELAY", 15.0)
        job.max_pages, job.max_bytes, job.max_time = config.max_pages, config.max_bytes, config.max_time
        job.min_free = config.min_free
        job.dry_run, job.contacts = config.dry_run, config.contacts
        job.bounds = Bounds(**{one.name: getattr(config, f"trap_{one.name}") for one in fields(Bounds)})
        job.refresh = refresh
        with sealed(job, settings.get(SETTING)):
            yield job


@contextmanager
def for_recheck(config: RunConfig, settings: Settings, wish: Wish) -> Iterator[tuple[Job, Gate]]:
    """A corpus that is there already, open for asking again; nothing is visited anew."""
    began, gate = now(), gate_from_settings(settings)
    with _opened(config, gate, began, Scope("any", ()), Tally()) as job:
        asked = {"command": "recheck", "items": wish.items, "dry_run": wish.dry_run}
        grace = {"grace": wish.grace.total_seconds() / 86_400} if wish.grace is not None else {}
        job.corpus.folder.begin_run(job.run, at=began, settings=recorded(config) | asked | grace)
        job.dry_run = wish.dry_run
        with sealed(job, settings.get(SETTING)):
            yield job, gate


@contextmanager
def _opened(config: RunConfig, gate: Gate, began: datetime, scope: Scope, tally: Tally) -> Iterator[Job]:
    """What both have in common; the run is named, and not begun yet."""
    assert config.output is not None
    signer = keys.signer(corpus=config.output)
    run = run_name(began)
    jsonlog.of_run(run)
    with Corpus.open(config.output, identity_of(config, gate), versions=versions(), at=began) as corpus:
        keep_policy(corpus.folder.ledger, gate.description, gate.context.trust_anchors)
        frontier = EmbeddedFrontier(corpus.folder.frontier)
        try:
            yield Job(
                corpus=corpus,
                journal=Journal(corpus, frontier, run=run),
                frontier=frontier,
                scope=scope,
                tally=tally,
                signer=signer,
                key=keys.place(),
                run=run,
                kinds=config.kinds,
                stop_after_refusals=config.stop_after_refusals,
            )
        finally:
            frontier.close()


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
