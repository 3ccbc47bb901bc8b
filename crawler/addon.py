"""Puts the gate into any Scrapy project: ``ADDONS = {"crawler.addon.OptOutAddon": 500}``.

Scrapy applies add-ons after the settings of project, spider and command line, so what is set here is what the
crawl runs with. Once the crawl is built it is looked at again, because another add-on may come later.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from scrapy import signals as scrapy_events
from scrapy.exceptions import CloseSpider
from scrapy.utils.misc import load_object

from crawler import TOKEN, user_agent
from crawler.promise import (
    DEFAULTS,
    FORCED,
    PROJECT,
    WeakenedSetting,
    check_values,
    need,
    product_of,
    reason_of,
    refuse_unknown,
)
from crawler.selfcheck import MODERN, SelfCheck, objections, objections_running, seen

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

GATE = "crawler.middlewares.OptOutMiddleware"
DECOMPRESSION = "crawler.decompression.DecompressionMiddleware"
EDGE = "crawler.edge.EdgeMiddleware"
RESOLVER = "crawler.resolver.GuardedResolver"

ORDERS = {GATE: 1, DECOMPRESSION: 590, EDGE: 10_000}
"""The gate closest to the engine: it sees bodies after every other middleware. The edge closest to the network:
it sees what is really sent, and every answer before anybody follows or repeats it."""

REPLACED = (
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware",
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware",
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware",
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
)
"""Middlewares of Scrapy's whose work is done here, or must not be done."""

HANDLER = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
"""The download handler that is known to ask for exactly one URL and to resolve names where the guard stands."""

BOUNDED = "crawler.handler.BoundedHandler"
"""The same with a bound on header lines, which is set in its place."""

SILENTLY: dict[str, Any] = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
}
"""Set without a word: defaults of Scrapy's that run code sent to a local port, its robots.txt check (it fails
open; the gate reads robots.txt in its place), and a parse of the spider's source for every response."""


OLDEST_TLS = "DOWNLOAD_TLS_MIN_VERSION"


class OptOutAddon:
    """The one wiring point."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        crawler.signals.connect(self.opened, signal=scrapy_events.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OptOutAddon:
        """One for each crawl."""
        return cls(crawler)

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """The resolver is installed with the reactor, before any crawler exists."""
        settings.set("TWISTED_DNS_RESOLVER", RESOLVER, priority=FORCED)

    def update_settings(self, settings: BaseSettings) -> None:
        """Set what the promise needs; raises :class:`WeakenedSetting` where a project asks for less."""
        refuse_unknown(settings)
        for name, value in DEFAULTS.items():
            settings.setdefault(name, value, priority="addon")
        need(settings)
        for name, value in SILENTLY.items():
            settings.set(name, value, priority=FORCED)
        if settings.get(OLDEST_TLS) is None:
            settings.set(OLDEST_TLS, MODERN[0], priority=FORCED)
        for sentence in objections(settings):
            raise WeakenedSetting(sentence)
        _wire(settings)
        _identify(settings)
        check_values(settings)

    def opened(self) -> None:
        """Close the crawl before its first request if something took the gate out after us."""
        try:
            checked = assert_gated(self._crawler)
        except WeakenedSetting as error:
            logger.critical("%s", error)
            raise CloseSpider("not gated") from error
        logger.info("%s: %s", checked.words, json.dumps(checked.values, sort_keys=True))


def assert_gated(crawler: Crawler) -> SelfCheck:
    """What the running crawl was found to run with.

    Raises ``WeakenedSetting`` unless it has the gate and all that the gate needs.
    """
    for path, order in ORDERS.items():
        if crawler.get_downloader_middleware(load_object(path)) is None:
            raise WeakenedSetting("this crawl has no gate: add ADDONS = {'crawler.addon.OptOutAddon': 500}.")
        if crawler.settings.getwithbase("DOWNLOADER_MIDDLEWARES").get(path) != order:
            raise WeakenedSetting(f"DOWNLOADER_MIDDLEWARES moves {path}: it must stand at {order}.")
    settings = crawler.settings
    for sentence in (*objections(settings), *_strange_parts(settings), *objections_running(crawler)):
        raise WeakenedSetting(sentence)
    return seen(crawler, ORDERS)


def _strange_parts(settings: BaseSettings) -> list[str]:
    """One sentence for each part that would reach the network without the gate."""
    found = []
    for scheme, handler in settings.getwithbase("DOWNLOAD_HANDLERS").items():
        path = handler if isinstance(handler, str) else getattr(handler, "__qualname__", repr(handler))
        if scheme in ("http", "https") and handler is not None and path not in (HANDLER, BOUNDED):
            found.append(
                f"DOWNLOAD_HANDLERS uses {path} for {scheme}: what follows redirects, loads images or resolves "
                "names by itself does so past the gate."
            )
        elif scheme not in ("http", "https") and handler is not None:
            found.append(f"DOWNLOAD_HANDLERS opens {scheme}: nobody can reserve anything there.")
    factory = "DOWNLOADER_CLIENTCONTEXTFACTORY"
    if (settings.getpriority(factory) or 0) >= PROJECT and not reason_of(settings):
        found.append(f"{factory} is refused: a context factory of its own need not verify certificates.")
    return found


def _wire(settings: BaseSettings) -> None:
    middlewares = settings.getwithbase("DOWNLOADER_MIDDLEWARES")
    for path in ORDERS:
        if path in middlewares and middlewares[path] is None:
            raise WeakenedSetting(f"DOWNLOADER_MIDDLEWARES switches off {path}: without it nothing is heard.")
    chosen = dict(settings.getdict("DOWNLOADER_MIDDLEWARES"))
    chosen |= ORDERS
    chosen |= dict.fromkeys(REPLACED)
    settings.set("DOWNLOADER_MIDDLEWARES", chosen, priority=FORCED)
    handlers = dict(settings.getdict("DOWNLOAD_HANDLERS"))
    handlers |= dict.fromkeys(("file", "ftp", "s3", "data"))
    settings.set("DOWNLOAD_HANDLERS", handlers, priority=FORCED)
    for sentence in _strange_parts(settings):
        raise WeakenedSetting(sentence)
    handlers |= {scheme: BOUNDED for scheme in ("http", "https") if handlers.get(scheme, HANDLER) is not None}
    settings.set("DOWNLOAD_HANDLERS", handlers, priority=FORCED)


def _identify(settings: BaseSettings) -> None:
    """One product token everywhere: in the User-Agent, and in what robots.txt is asked for."""
    tokens = list(settings.getlist("OPTOUT_TOKENS"))
    own = settings.get("USER_AGENT") if (settings.getpriority("USER_AGENT") or 0) >= PROJECT else None
    if own:
        product = product_of(own)
        if product is None or product.lower() == "mozilla":
            raise WeakenedSetting(
                f"USER_AGENT = {own!r} does not begin with a product token of its own that a robots.txt could "
                "name, such as 'example-bot/1.0 (+https://example.org/bot)'."
            )
        tokens = [product, *(token for token in tokens if token.lower() != product.lower())]
    else:
        contact = settings.get("OPTOUT_CONTACT")
        if not contact:
            logger.warning("set OPTOUT_CONTACT to a mail address or URL, so that a site's owner can reach you")
        settings.set("USER_AGENT", user_agent(tokens[0] if tokens else TOKEN, contact), priority=FORCED)
    settings.set("OPTOUT_TOKENS", tokens, priority=FORCED)
