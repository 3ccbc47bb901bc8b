"""The end of every way: what the spider says goes to the journal, which writes it down in the right order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy.utils.asyncio import create_looping_call

from crawler.aside import SLICE, SMALL, Turns, aside, pause, waiting
from crawler.captures import now
from crawler.corpus.items import Note
from crawler.corpus.warc import prepared
from crawler.frontier.contract import Changed, Ended, Offer
from crawler.frontier.scheduler import FrontierScheduler
from crawler.items import Visit
from crawler.middlewares import OptOutMiddleware
from crawler.optout import Gate
from crawler.optout.model import Asset, Capture, Decision, Kind, Outcome
from crawler.removals import Removals, Reserved

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.job import Job
    from crawler.spiders.corpus import CorpusSpider
    from crawler.spiders.leads import Leads

LARGE = 4 << 20
"""Octets of content that are written on the event loop at most; more is written in a thread."""

FLUSH = 0.5
"""Seconds after which what was decided is on disk at the latest."""

RARELY = 100
"""Times as long as it took to count what is left to do, it is not counted again: a frontier counts its rows."""


class RecordPipeline:
    """Records visits in groups: evidence, decisions, content, frontier, each durable before the next."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._timer = create_looping_call(self._tick)
        self._rule: Removals | None = None
        self._count_at = 0.0
        self._disk = Turns()
        self._writing = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RecordPipeline:
        """One for each crawl."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Write at least every :data:`FLUSH` seconds."""
        self.job.flush = self.flush
        self._timer.start(FLUSH, now=False)
        runs = self.job.corpus.folder.manifest.runs
        if any(run.ended is None for run in runs[-2:-1]):
            self._guarded(self._removals.finish)

    def close_spider(self) -> None:
        """Write what is left."""
        if self._timer.running:
            self._timer.stop()
        self.flush()
        self._count_at = 0.0
        self._guarded(self._flush)  # what the first one removed

    async def process_item(self, item: Visit) -> Visit:
        """Take in one visit; what is left of the links of a large document, slice by slice before it."""
        for start in range(0, len(item.left) if len(item.left) > SLICE else 0, SLICE):
            await self._until_written()
            self._guarded(self._leave, item.left[start : start + SLICE])
            if self.job.journal.due:
                self.flush()
            await pause()
        if len(item.left) > SLICE:
            item = replace(item, left=())
        if item.retry_at is None and len(item.offers) > SLICE:
            for start in range(0, len(item.offers), SLICE):
                self._guarded(self._offer, item.offers[start : start + SLICE])
                await pause()
        capture = item.capture
        if capture is not None and item.decision.collect and len(capture.body) > SMALL:
            await aside(capture.parsed, prepared)
        await self._until_written()
        self._guarded(self._take_in, item)
        if self.job.journal.due:
            await self._flush_large()
        return item

    async def _until_written(self) -> None:
        """Wait for content that is being written: nothing may be recorded or removed meanwhile."""
        while self._writing:
            async with self._disk:
                pass

    async def _flush_large(self) -> None:
        """Flush; content that takes long to be written is written in a thread, in its place in the order.

        Whoever has something to record waits, and no other flush begins.
        """
        if self._writing or self.job.failure is not None:
            return
        if self.job.journal.unsynced > LARGE:
            async with self._disk:
                self._writing = True
                try:
                    written = await waiting(self.job.journal.before_content())
                    written()
                except Exception as error:
                    self.job.fail(error)
                finally:
                    self._writing = False
        self.flush()

    def _offer(self, offers: Sequence[Offer]) -> None:
        self.job.frontier.seed(offers)
        self._leads.told(offers)

    def _leave(self, decisions: Sequence[Decision]) -> None:
        for left in decisions:
            self.job.journal.record(left)
            self.job.tally.add(left)

    def flush(self) -> None:
        """Make everything durable, then act on what turned out to be reserved after it was kept.

        While content is being written nothing is done: what writes it does the rest.
        """
        if not self._writing:
            self._guarded(self._flush)

    def _guarded(self, work: Callable[..., object], *arguments: Any) -> None:
        """Do something unless the crawl has failed; what cannot be recorded ends it.

        Nothing is raised: Scrapy would log the item, and with it words of what may be reserved.
        """
        if self.job.failure is None:
            try:
                work(*arguments)
            except Exception as error:
                self.job.fail(error)

    def _take_in(self, item: Visit) -> None:
        job, entry = self.job, item.entry
        scheduler = self._scheduler
        if entry.seed and item.answered is not None:
            job.seeds += 1
            job.seeds_answered += item.answered
        item = self._within_budget(self._removals.judged(item))
        if item.retry_at is not None:
            ended = Ended(entry_id=entry.id, state="retry", due=item.retry_at)
            job.journal.pass_on((scheduler.lease_of(entry), (ended,), ()))
        elif not (item.decision.collect and job.limit_reached):
            self._record(item)
        # else: one too many for this invocation; not ended, it goes back to the queue with its lease
        if item.hold_until is not None:
            scheduler.hold(entry.domain, item.hold_until)
        scheduler.ended(entry)

    def _flush(self) -> None:
        job = self.job
        job.journal.flush()
        self._settle(job.frontier.unsettled())
        self._scheduler.settle()
        if (began := time.monotonic()) >= self._count_at:
            left = job.left = job.frontier.left()
            job.tally.waiting = left.queued + left.leased + left.waiting
            self._count_at = began + RARELY * (time.monotonic() - began)

    def _within_budget(self, item: Visit) -> Visit:
        """The visit, or what is left of it when its content would fit into no invocation."""
        job = self.job
        size = len(item.capture.body) if item.capture is not None and self._is_new(item) else 0
        if job.max_bytes is None or job.bytes + size <= job.max_bytes:
            return item
        if size <= job.max_bytes:
            job.full = True
            return item
        words = f"{size} bytes, more than the {job.max_bytes} of --max-bytes"
        decision = self._gate.skip(item.decision, "budget", words, now())
        return replace(item, decision=decision, capture=None)

    def _is_new(self, item: Visit) -> bool:
        """Whether its content is to be kept, and is not there already byte for byte."""
        capture = item.capture
        if capture is None or not item.decision.collect:
            return False
        return all(one.sha256 != capture.digest for one in self.job.corpus.store.items(url=capture.url))

    def _record(self, item: Visit) -> None:
        job, entry, decision = self.job, item.entry, item.decision
        new = self._is_new(item)
        reserved = self._removals.reserves(decision, item.dropped)
        held = {one.sha256 for one in job.corpus.store.items(url=entry.url)} if entry.kept else set()
        kept = decision.collect or not held <= set(reserved)
        ended = Ended(
            entry_id=entry.id, state="done", outcome=decision.outcome, kept=kept, moved_to=item.moved_to
        )
        note = Note(
            media_type=item.media_type,
            via=entry.via,
            title=item.title,
            author=item.author,
            date=item.date,
            canonical=item.canonical,
            licence=item.licence,
            attribution=item.attribution,
            width=item.width,
            height=item.height,
            alt=entry.alt,
            caption=entry.caption,
        )
        capture = item.capture or Capture(url=entry.url, status=None, at=decision.at, hops=item.hops)
        lease = self._scheduler.lease_of(entry)
        goes = self._removals.kept(reserved)
        if goes:
            # Its images are told before the decision is on disk: after a crash, what is on record is carried
            # out without asking the page again, and what it showed would be known from nowhere.
            job.journal.flush()
            self._offer(item.offers)
        completion = None if goes else (lease, (ended,), item.offers)
        number = job.journal.record(
            decision,
            capture,
            note=note,
            evidence=item.readings,
            reserved=reserved,
            freed=self._removals.frees(item),
            completion=completion,
        )
        self._leads.told(item.offers)
        if goes:
            self._removals.carry_out([Reserved(decision=decision, entry=number, digests=reserved)])
            job.journal.pass_on((lease, (ended,), ()))
        self._leave(item.left)
        size = len(capture.body) if new else 0
        job.tally.add(decision, size)
        job.pages += new and decision.asset.kind is not Kind.IMAGE
        job.bytes += size

    def _settle(self, changes: Sequence[Changed]) -> None:
        """Images were kept, and pages that reserve them were met later: they go."""
        job = self.job
        reserved: list[Reserved] = []
        removed: list[Changed] = []
        stays: list[Changed] = []
        for change in changes:
            entry = change.entry
            held = job.corpus.store.held(entry.url)  # what it is, where it was expected to be another kind
            kind = held.kind if held is not None else entry.kind
            asset = Asset(url=entry.url, kind=kind, via=entry.via[0] if entry.via else None)
            decision = self._gate.reconsider(asset, entry.inherited, now())
            if decision is not None and decision.outcome is Outcome.RESERVED:
                digests = self._removals.reserves(decision)
                number = job.journal.record(decision, reserved=digests)
                reserved.append(Reserved(decision=decision, entry=number, digests=digests, counted=True))
                removed.append(change)
            else:
                stays.append(change)
        if removed:
            self._removals.carry_out(reserved)
            job.frontier.settle(removed, removed=True)
        if stays:
            job.frontier.settle(stays)

    def _tick(self) -> None:
        if self.job.journal.pending:
            self.flush()

    @property
    def _removals(self) -> Removals:
        """Made with the first use: the gate is there only when the crawl begins."""
        if self._rule is None:
            self._rule = Removals(self.job, self._gate)
        return self._rule

    @property
    def job(self) -> Job:
        """The crawl's working set."""
        spider: CorpusSpider = self._crawler.spider  # type: ignore[assignment]
        return spider.job

    @property
    def _leads(self) -> Leads:
        spider: CorpusSpider = self._crawler.spider  # type: ignore[assignment]
        return spider.leads

    @property
    def _gate(self) -> Gate:
        middleware = self._crawler.get_downloader_middleware(OptOutMiddleware)
        assert middleware is not None
        return middleware.gate

    @property
    def _scheduler(self) -> FrontierScheduler:
        engine = self._crawler.engine
        assert engine is not None
        scheduler: Any = engine.scheduler
        assert isinstance(scheduler, FrontierScheduler)
        return scheduler
