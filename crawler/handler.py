"""Scrapy's Twisted download handler, with a bound on header lines and their octets.

Neither Twisted nor Scrapy bounds them together: an answer of header lines that never end would be taken in
until the request times out, and fifty thousand of them are handed on. Here the connection ends at the line that
is one too many. Everything else is Scrapy's, and so is the place where names are resolved
(``docs/adr/0013-twisted-download-handler.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from scrapy.core.downloader.handlers import http11
from scrapy.utils.python import to_bytes

from crawler.connections import BEGUN, Pool
from crawler.limits import Limits
from crawler.resolver import is_guarded

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


_URI: Any = vars(http11)["URI"]  # as Scrapy spells what it asks for


class HeaderFlood(Exception):
    """The answer has more header lines, or more octets of them, than are read."""


class Unguarded(Exception):
    """Something took the address guard off the reactor: nothing is connected to any more."""


class BoundedHandler(http11.HTTP11DownloadHandler):
    """For ``http`` and ``https``."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        limits = Limits.of(crawler.settings)
        self._begun: set[bytes] = set()
        factory: Any = type("BoundedFactory", (_Factory,), {"limits": limits, "begun": self._begun})
        pool = Pool(self._pool._reactor)  # type: ignore[no-untyped-call]
        pool.maxPersistentPerHost = self._pool.maxPersistentPerHost
        pool._factory = factory
        self._pool = pool

    async def download_request(self, request: Request) -> Response:
        """Ask, if names are looked up through the guard at this very moment; raises :class:`Unguarded`.

        Whether a line of an answer came is noted in its meta under ``BEGUN``, where there is a list.
        """
        if not is_guarded():
            raise Unguarded("names would be looked up past the address guard")
        address = _URI.fromBytes(to_bytes(urldefrag(request.url)[0])).toBytes()
        try:
            return await super().download_request(request)
        finally:
            if address in self._begun:
                self._begun.discard(address)
                request.meta.get(BEGUN, []).append(True)


class _Parser(http11._LenientHTTPClientParser):
    """Counts what it is given until the body begins."""

    limits = Limits()
    lines = octets = 0
    address = b""
    begun: set[bytes] = set()  # noqa: RUF012 - the handler's own, for each connection

    def lineReceived(self, line: bytes) -> None:
        self.begun.add(self.address)
        self.lines += 1
        self.octets += len(line) + 1
        if self.lines > self.limits.header_lines + 1:  # the status line, and then
            raise HeaderFlood(f"more than {self.limits.header_lines} header lines")
        if self.octets > self.limits.header_bytes:
            raise HeaderFlood(f"more than {self.limits.header_bytes} octets of header lines")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Say why, where Twisted would hang up without a word."""
        raise HeaderFlood(f"a header line of more than {self.MAX_LENGTH} octets")


class _Protocol(http11._LenientHTTP11ClientProtocol):
    limits = Limits()
    begun: set[bytes] = set()  # noqa: RUF012 - the handler's own

    def request(self, request: Any) -> Any:
        answer = super().request(request)
        # As Scrapy does: the class of the parser cannot be chosen, and it has no state that would be missing.
        parser: Any = self._parser
        assert parser is not None
        parser.__class__ = _Parser
        parser.limits, parser.begun, parser.address = self.limits, self.begun, request.absoluteURI
        return answer

    def _giveUp(self, reason: Any) -> None:
        """End the connection at once: over TLS, Twisted would ask the other side, and wait for its word."""
        transport: Any = self.transport
        transport.abortConnection()
        super()._giveUp(reason)  # type: ignore[no-untyped-call]


class _Factory(http11._LenientHTTP11ClientFactory):
    limits = Limits()
    begun: set[bytes] = set()  # noqa: RUF012 - the handler's own

    def buildProtocol(self, addr: Any) -> Any:
        protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.limits, protocol.begun = self.limits, self.begun
        return protocol
