"""Asks for single URLs the way a crawl would, follows their redirects, and keeps nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import scrapy

from crawler.addon import assert_gated
from crawler.domains import host_of, politeness_domain
from crawler.kinds import kind_of_url
from crawler.optout.model import Decision
from crawler.passage import Judged, Moved, Turned
from crawler.spiders.gated import GatedSpider
from crawler.spiders.redirects import said_by, target_of

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure


class CheckSpider(GatedSpider):
    """Fills ``decisions`` with the decision on each of ``urls``, by the URL that was asked about."""

    name = "check"

    def __init__(
        self,
        urls: Sequence[str],
        decisions: MutableMapping[str, Decision],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._urls = urls
        self._decisions = decisions

    async def start(self) -> AsyncIterator[Any]:
        """One request for each URL. Refuses to run without the gate."""
        assert_gated(self.crawler)
        for url in self._urls:
            yield self._request(url, about=url, optout_kind=kind_of_url(url))

    def judged(self, response: Response) -> None:
        """The gate let it through."""
        assert response.request is not None
        judged: Judged = response.request.meta["optout"]
        self._decisions[response.request.meta["about"]] = judged.decision

    def turned(self, failure: Failure) -> scrapy.Request | None:
        """The gate turned it away, it is elsewhere, or nothing answered."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        assert error is not None
        if isinstance(error, Moved):
            end = target_of(error, self.middleware)
            if isinstance(end, str):
                return self._onward(request, end, error)
        elif isinstance(error, Turned):
            end = error.decision
        else:
            end = self.middleware.failed(request, error).decision
        self._decisions[request.meta["about"]] = end
        return None

    def _onward(self, request: scrapy.Request, target: str, moved: Moved) -> scrapy.Request:
        inherited = (*request.meta.get("optout_inherited", ()), *said_by(moved))
        return self._request(
            target,
            about=request.meta["about"],
            optout_kind=request.meta["optout_kind"],
            optout_hops=moved.hops,
            optout_inherited=tuple(dict.fromkeys(inherited)),
        )

    def _request(self, url: str, **meta: Any) -> scrapy.Request:
        meta |= {"verbatim_url": True, "download_slot": politeness_domain(host_of(url))}
        return scrapy.Request(url, callback=self.judged, errback=self.turned, meta=meta, dont_filter=True)
