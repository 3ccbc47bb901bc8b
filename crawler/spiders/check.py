"""Asks for single URLs the way a crawl would, follows their redirects, and keeps nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import scrapy

from crawler.addon import assert_gated
from crawler.captures import now
from crawler.middlewares import OptOutMiddleware
from crawler.optout.model import Decision, Hop
from crawler.passage import Judged, Moved, Turned
from crawler.spiders.corpus import MAX_HOPS

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure


class CheckSpider(scrapy.Spider):
    """Fills ``decisions`` with the decision on each of ``urls``, by the URL that was asked about."""

    name = "check"
    self_routed = True

    def __init__(self, urls: Sequence[str], decisions: MutableMapping[str, Decision], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._urls = urls
        self._decisions = decisions

    async def start(self) -> AsyncIterator[Any]:
        """One request for each URL. Refuses to run without the gate."""
        assert_gated(self.crawler)
        for url in self._urls:
            yield self._request(url, about=url, hops=())

    def judged(self, response: Response) -> None:
        """The gate let it through."""
        assert response.request is not None
        judged: Judged = response.request.meta["optout"]
        self._decisions[response.request.meta["about"]] = judged.decision

    def turned(self, failure: Failure) -> scrapy.Request | None:
        """The gate turned it away, it is elsewhere, or nothing answered."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        about: str = request.meta["about"]
        error = failure.value
        assert error is not None
        gate = self.crawler.get_downloader_middleware(OptOutMiddleware)
        assert gate is not None
        if isinstance(error, Turned):
            self._decisions[about] = error.decision
        elif isinstance(error, Moved) and len(error.hops) <= MAX_HOPS and gate.refuse(error.target) is None:
            return self._request(error.target, about=about, hops=error.hops)
        elif isinstance(error, Moved):
            words = gate.refuse(error.target) or f"more than {MAX_HOPS} redirects"
            self._decisions[about] = gate.gate.skip(error.decision, "redirects", words, now())
        else:
            self._decisions[about] = gate.failed(request, error).decision
        return None

    def _request(self, url: str, *, about: str, hops: tuple[Hop, ...]) -> scrapy.Request:
        meta = {"about": about, "optout_hops": hops}
        return scrapy.Request(url, callback=self.judged, errback=self.turned, meta=meta, dont_filter=True)
