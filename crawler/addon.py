"""Puts the gate into any Scrapy project: ``ADDONS = {"crawler.addon.OptOutAddon": 500}``.

Scrapy applies add-ons after the settings of project, spider and command line, so what is set here is what the
crawl runs with. Settings that would make the promise untrue are refused with one sentence instead of overruled
in silence.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from crawler import TOKEN, __version__
from crawler.optout import Gate, Policy
from crawler.optout.model import Context, Denylist, Operator, Posture, Purpose, Reading

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

GATE = "crawler.middlewares.OptOutMiddleware"
DECOMPRESSION = "crawler.decompression.DecompressionMiddleware"
RESOLVER = "crawler.resolver.GuardedResolver"

GATE_ORDER = 1
"""Closest to the engine: it sees bodies after every other middleware, and every redirect passes it again."""

CERTIFICATES = "DOWNLOAD_VERIFY_CERTIFICATES"
"""The one needed setting that an operator may lower, with a written reason."""

PROJECT, FORCED = 20, 100
"""Scrapy's settings priorities: what a project sets, and one above the command line."""

NEEDED: dict[str, tuple[Any, str]] = {
    "DOWNLOAD_VERIFY_CERTIFICATES": (True, "an unverified server can hide the reservations of the real one"),
    "DOWNLOAD_FAIL_ON_DATALOSS": (True, "a page that was cut short may have lost its reservation"),
    "HTTPCACHE_ENABLED": (False, "a cache would keep what is reserved and answer with stale permissions"),
    "COOKIES_ENABLED": (False, "content behind a session is not public"),
}
"""Setting → the only value the promise holds with, and why."""

SILENTLY: dict[str, Any] = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
}
"""Set without a word: defaults of Scrapy's that run code sent to a local port, its robots.txt check (it fails
open; the gate reads robots.txt in its place), and a parse of the spider's source for every response."""

DEFAULTS: dict[str, Any] = {
    "OPTOUT_TOKENS": [],
    "OPTOUT_CONTACT": None,
    "OPTOUT_PURPOSES": ["tdm"],
    "OPTOUT_POSTURE": "opt-out",
    "OPTOUT_READING": "strict",
    "OPTOUT_REASON": None,
    "OPTOUT_ACCEPT": [],
    "OPTOUT_COMMERCIAL": True,
    "OPTOUT_COUNTRY": None,
    "OPTOUT_DENY_HOSTS": [],
    "OPTOUT_DENY_PREFIXES": [],
    "OPTOUT_DENY_SHA256": [],
    "OPTOUT_KINDS": [],
    "OPTOUT_ALLOW_PRIVATE": False,
    "OPTOUT_PORTS": [80, 443],
    "OPTOUT_RESOLVE": [],
    "OPTOUT_RETRY_DELAY": 15.0,
    "OPTOUT_SELF_ROUTED": False,
}
"""Our settings and what they are when nobody sets them; documented in ``docs/settings.md``."""


class WeakenedSetting(ValueError):
    """A setting would make the promise untrue."""


class OptOutAddon:
    """The one wiring point."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> OptOutAddon:
        """Nothing is kept: everything is in the settings."""
        return cls()

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """The resolver is installed with the reactor, before any crawler exists."""
        settings.set("TWISTED_DNS_RESOLVER", RESOLVER, priority=FORCED)

    def update_settings(self, settings: BaseSettings) -> None:
        """Set what the promise needs; raises :class:`WeakenedSetting` where a project asks for less."""
        for name, value in DEFAULTS.items():
            settings.setdefault(name, value, priority="addon")
        for name, (value, why) in NEEDED.items():
            asked = settings.get(name)
            set_by_someone = (settings.getpriority(name) or 0) >= PROJECT
            excused = name == CERTIFICATES and bool(str(settings.get("OPTOUT_REASON") or "").strip())
            if set_by_someone and _differs(asked, value) and excused:
                logger.warning("certificates are not verified: %s", settings.get("OPTOUT_REASON"))
                continue
            if set_by_someone and _differs(asked, value):
                raise WeakenedSetting(f"{name} = {asked!r} is refused: {why}; leave it at {value!r}.")
            settings.set(name, value, priority=FORCED)
        for name, value in SILENTLY.items():
            settings.set(name, value, priority=FORCED)
        _wire(settings)
        _identify(settings)
        gate_from_settings(settings)


def gate_from_settings(settings: BaseSettings) -> Gate:
    """The gate that the ``OPTOUT_*`` settings describe.

    Raises ``WeakenedSetting`` or ``ValueError``, each with a sentence.
    """
    reading = Reading(settings.get("OPTOUT_READING", "strict"))
    if reading is Reading.LITERAL and not str(settings.get("OPTOUT_REASON") or "").strip():
        raise WeakenedSetting(
            "OPTOUT_READING = 'literal' needs OPTOUT_REASON, a written reason for hearing less."
        )
    policy = Policy(
        purposes=frozenset(Purpose(name) for name in settings.getlist("OPTOUT_PURPOSES", ["tdm"])),
        posture=Posture(settings.get("OPTOUT_POSTURE", "opt-out")),
        reading=reading,
        accepted=frozenset(settings.getlist("OPTOUT_ACCEPT")),
    )
    agents = dict.fromkeys(token.lower() for token in [*settings.getlist("OPTOUT_TOKENS"), TOKEN])
    context = Context(
        agents=tuple(agents),
        operator=Operator(
            commercial=settings.getbool("OPTOUT_COMMERCIAL", True), country=settings.get("OPTOUT_COUNTRY")
        ),
        denylist=Denylist(
            hosts=frozenset(settings.getlist("OPTOUT_DENY_HOSTS")),
            prefixes=tuple(settings.getlist("OPTOUT_DENY_PREFIXES")),
            sha256=frozenset(settings.getlist("OPTOUT_DENY_SHA256")),
        ),
    )
    return Gate(policy, context)


def assert_gated(crawler: Crawler) -> None:
    """Raise ``WeakenedSetting`` unless the running crawl has the gate and the settings it needs."""
    from crawler.middlewares import OptOutMiddleware

    if crawler.get_downloader_middleware(OptOutMiddleware) is None:
        raise WeakenedSetting("this crawl has no gate: add ADDONS = {'crawler.addon.OptOutAddon': 500}.")
    for name, (value, why) in NEEDED.items():
        if name == CERTIFICATES and crawler.settings.get("OPTOUT_REASON"):
            continue
        if _differs(crawler.settings.get(name), value):
            raise WeakenedSetting(f"{name} is {crawler.settings.get(name)!r}: {why}.")


def _differs(asked: Any, needed: Any) -> bool:
    if isinstance(needed, bool):
        return str(asked).lower() in ("1", "true") if not needed else str(asked).lower() not in ("1", "true")
    return bool(asked != needed)


def _wire(settings: BaseSettings) -> None:
    middlewares = settings.getwithbase("DOWNLOADER_MIDDLEWARES")
    for path in (GATE, DECOMPRESSION):
        if path in middlewares and middlewares[path] is None:
            raise WeakenedSetting(f"DOWNLOADER_MIDDLEWARES switches off {path}: without it nothing is heard.")
    chosen = dict(settings.getdict("DOWNLOADER_MIDDLEWARES"))
    chosen |= {
        GATE: GATE_ORDER,
        DECOMPRESSION: 590,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    }
    settings.set("DOWNLOADER_MIDDLEWARES", chosen, priority=FORCED)
    handlers = dict(settings.getdict("DOWNLOAD_HANDLERS"))
    handlers |= dict.fromkeys(("file", "ftp", "s3", "data"))
    settings.set("DOWNLOAD_HANDLERS", handlers, priority=FORCED)


def _identify(settings: BaseSettings) -> None:
    """One product token everywhere: in the User-Agent, and in what robots.txt is asked for."""
    tokens = list(settings.getlist("OPTOUT_TOKENS"))
    own = settings.get("USER_AGENT") if (settings.getpriority("USER_AGENT") or 0) >= PROJECT else None
    if own:
        product = re.match(r"[A-Za-z_-]+", own)
        if product is None:
            raise WeakenedSetting(
                f"USER_AGENT = {own!r} does not begin with a product token that a robots.txt could name."
            )
        tokens = [product[0], *(token for token in tokens if token.lower() != product[0].lower())]
    else:
        contact = settings.get("OPTOUT_CONTACT")
        if not contact:
            logger.warning("set OPTOUT_CONTACT to a mail address or URL, so that a site's owner can reach you")
        agent = f"{tokens[0] if tokens else TOKEN}/{__version__}"
        settings.set("USER_AGENT", f"{agent} (+{contact})" if contact else agent, priority=FORCED)
    settings.set("OPTOUT_TOKENS", tokens, priority=FORCED)
