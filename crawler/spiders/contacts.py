"""At the end of a crawl: ask those who reserved something, and named nobody, whom to write to.

``/.well-known/security.txt`` (RFC 9116) is asked for once by origin, when everything else has ended and only if
the operator wants it. It goes through the gate like everything else, for the one purpose of being fetched: what
it says is kept as evidence and never as content. Nothing depends on it: whatever goes wrong, nothing is stored
and nothing is said, and it ends with the crawl's limits, with an interruption, or after :data:`PATIENCE`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

from crawler.audit.report.contacts import SECURITY_TXT, contacts_in
from crawler.corpus.evidence import CONTACT, HOP, hops_of
from crawler.job import Job
from crawler.optout.host import Host, origin_of
from crawler.optout.model import Asset, Capture, Kind
from crawler.sitefiles import SiteFiles

LIMIT = 65_536
"""Bytes of the file; one that is longer is not read."""

MOST = 10_000
"""Origins that are asked at the end of one run."""

AT_ONCE = 8
"""Origins that are asked at once."""

PATIENCE = 120.0
"""Seconds after which no further origin is asked."""


class Contacts:
    """The origins of one run that reserved something, and what they are asked in the end."""

    def __init__(
        self,
        job: Job,
        files: SiteFiles,
        leave: Callable[[Asset, Host], object],
        withdrawn: Callable[[str], object],
        closing: Callable[[], bool],
    ) -> None:
        """``leave``: a reason of ours to leave an asset of an origin, or None; ``withdrawn``: that nothing of a
        URL may be asked for, not even its origin's files, or None; ``closing``: whether the crawl ends now."""
        self._job = job
        self._files = files
        self._leave = leave
        self._withdrawn = withdrawn
        self._closing = closing
        self._waiting: dict[str, None] = {}
        self._met: set[str] = set()

    def reserved(self, url: str) -> None:
        """Note that something of this URL's origin is reserved."""
        if len(self._met) < MOST and (origin := origin_of(url)) not in self._met:
            self._met.add(origin)
            self._waiting[origin] = None

    @property
    def waiting(self) -> bool:
        """Whether anybody is left to be asked."""
        return bool(self._waiting)

    async def ask(self) -> None:
        """Ask everybody who waits. Never raises but for its own cancellation."""
        self._job.ended = True
        until = time.monotonic() + PATIENCE
        origins = iter(list(self._waiting))
        self._waiting.clear()

        async def asked(waiting: Iterator[str]) -> None:
            for origin in waiting:
                if self._closing() or time.monotonic() > until:
                    return
                await _quietly(self._ask, origin)

        for work in [asyncio.ensure_future(asked(origins)) for _ in range(AT_ONCE)]:
            await work
        if self._job.flush is not None:
            self._job.flush()

    async def _ask(self, origin: str) -> None:
        url = origin + SECURITY_TXT
        if self._withdrawn(url) is not None:
            return
        host = await self._files.host(url)
        if any(contacts_in(capture) for capture in host.captures):
            return  # somebody is named already
        if self._leave(Asset(url=url, kind=Kind.TEXT), host) is not None or self._closing():
            return
        capture = await self._files.notice(url, LIMIT)
        if capture is not None and capture.status is not None and capture.complete:
            self._store(capture)

    def _store(self, capture: Capture) -> None:
        evidence = self._job.corpus.evidence
        for hop in hops_of(capture):
            evidence.add(hop, HOP)
        evidence.add(capture, CONTACT)


async def _quietly(work: Callable[[str], Awaitable[None]], origin: str) -> None:
    """Nothing that is asked here is worth a crawl; what the disk refuses, the next flush tells."""
    with suppress(Exception):
        await work(origin)
