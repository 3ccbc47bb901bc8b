"""The last look at a request before the network, and the first at what came back.

Other middlewares stand between the gate and the network: they change requests on their way out, follow
redirects and repeat what failed. What they do is seen here, where nothing can be done after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.middlewares import OptOutMiddleware
from crawler.promise import product_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class EdgeMiddleware:
    """Stands closest to the network and asks the gate."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> EdgeMiddleware:
        """One for each crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse a request that shows another name than ours, or more than anybody may see.

        Raises :class:`~crawler.passage.Turned`.
        """
        for name in ("Authorization", "Cookie"):
            if name in request.headers:
                words = f"a request with {name} may be answered with what is not public"
                raise self._gate.refused(request, "credentials", words)
        proxy = request.meta.get("proxy")
        if "Proxy-Authorization" in request.headers and not proxy:
            words = "the credentials of a proxy would be sent to a server"
            raise self._gate.refused(request, "credentials", words)
        reason = self._gate.refuse_proxy(str(proxy)) if proxy else None
        if reason is not None:
            raise self._gate.refused(request, "address", reason)
        agent = (request.headers.get("User-Agent") or b"").decode("latin-1")
        if (product_of(agent) or "").lower() not in self._gate.gate.context.agents:
            words = f"goes out as {agent!r}, a name that robots.txt was not asked about"
            raise self._gate.refused(request, "identity", words)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Judge the headers of redirects, and end at once what its headers reserve."""
        await self._gate.arrived(request, response)
        return response

    @property
    def _gate(self) -> OptOutMiddleware:
        gate = self._crawler.get_downloader_middleware(OptOutMiddleware)
        assert gate is not None
        return gate
