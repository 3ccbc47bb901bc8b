"""Looks at what a crawl really runs with, at the moment it begins, and says so.

Settings are made in many places: a project, a spider, another add-on, the command line. What counts is what
they are once everybody has had a word. What would make the promise untrue is told in one sentence; the rest is
listed, so that anybody can see, and check by its digest, what a crawl ran with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.corpus.checked import digest_of
from crawler.promise import CERTIFICATES, NEEDED, reason_of, weakened
from crawler.proxies import configured
from crawler.resolver import GuardedResolver, is_guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

MODERN = ("TLSv1.2", "TLSv1.3")
"""Versions of TLS that a server may speak; older ones were withdrawn by RFC 8996."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What one setting of Scrapy's has to be."""

    name: str
    """The setting."""
    holds: Callable[[Any], bool]
    """Whether the promise holds with a value."""
    why: str
    """What is wrong with any other."""
    leave: str
    """What to do instead."""

    def objection(self, settings: BaseSettings) -> str | None:
        """One sentence when it does not hold; the value is not in it where it may be a password."""
        value = settings.get(self.name)
        if self.holds(value):
            return None
        shown = "" if self.name.startswith("HTTPAUTH_") else f" = {str(value)!r:.100}"
        return f"{self.name}{shown} is refused: {self.why}; {self.leave}."


def _is_off(value: Any) -> bool:
    return str(value).lower() in ("0", "false", "none", "")


def _is_unset(value: Any) -> bool:
    return not value


RULES: tuple[Rule, ...] = (
    Rule(
        name="DOWNLOAD_TLS_MIN_VERSION",
        holds=lambda value: value in MODERN,
        why="whoever stands in between can read and change what older TLS carries",
        leave="leave it at 'TLSv1.2' or say 'TLSv1.3'",
    ),
    Rule(
        name="DOWNLOAD_TLS_MAX_VERSION",
        holds=lambda value: value is None or value in MODERN,
        why="it keeps out the TLS that is needed",
        leave="leave it at None",
    ),
    Rule(
        name="DOWNLOADER_CLIENT_TLS_METHOD",
        holds=lambda value: value == "TLS",
        why="it names a version of TLS past DOWNLOAD_TLS_MIN_VERSION",
        leave="leave it at 'TLS'",
    ),
    Rule(
        name="DOWNLOADER_CLIENT_TLS_CIPHERS",
        holds=lambda value: value in (None, "", "DEFAULT"),
        why="a list of ciphers may have some that ask for no certificate",
        leave="leave it at 'DEFAULT'",
    ),
    Rule(
        name="DOWNLOADER",
        holds=lambda value: value == "scrapy.core.downloader.Downloader",
        why="another downloader need not ask the gate",
        leave="leave it at Scrapy's",
    ),
    Rule(
        name="TELNETCONSOLE_ENABLED",
        holds=_is_off,
        why="whoever reaches its port runs code in the crawl",
        leave="leave it at False",
    ),
    Rule(
        name="REMOTE_CONTROL_ENABLED",
        holds=_is_off,
        why="whoever reaches its port runs code in the crawl",
        leave="leave it at False",
    ),
    Rule(
        name="ROBOTSTXT_OBEY",
        holds=_is_off,
        why="Scrapy's reading of robots.txt lets through what it cannot read, and the gate reads it",
        leave="leave it at False",
    ),
    *(
        Rule(
            name=name,
            holds=_is_unset,
            why="content behind a login is not public",
            leave="leave it unset",
        )
        for name in ("HTTPAUTH_USER", "HTTPAUTH_PASS")
    ),
)
"""What is checked beside :data:`~crawler.promise.NEEDED`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfCheck:
    """What a crawl runs with, all of it found to hold."""

    values: Mapping[str, Any]
    """Every checked setting and what it is, as plain JSON types; no passwords."""

    @property
    def digest(self) -> str:
        """``sha256:…`` over the values, see :mod:`crawler.corpus.checked`."""
        return digest_of(self.values)

    @property
    def words(self) -> str:
        """In one line."""
        unchecked = "" if self.values[CERTIFICATES] else "; certificates unchecked, for a reason on record"
        return f"self-check: {len(self.values)} settings hold, digest {self.digest[7:19]}…{unchecked}"


def objections(settings: BaseSettings) -> Iterator[str]:
    """One sentence for each setting with which the promise would not hold."""
    yield from weakened(settings)
    for rule in RULES:
        if (sentence := rule.objection(settings)) is not None:
            yield sentence


def objections_running(crawler: Crawler) -> Iterator[str]:
    """The same of what no setting says: the spider's own attributes and the reactor."""
    spider = crawler.spider or crawler.spidercls
    for name in ("http_user", "http_pass"):
        if getattr(spider, name, ""):
            yield f"the spider's {name} is refused: content behind a login is not public; take it out."
    if getattr(crawler.spidercls, "self_routed", False) and crawler.settings.getdict("FEEDS"):
        yield "FEEDS is refused: what is collected goes into the corpus and nowhere else; leave it empty."
    from twisted.internet import reactor

    if getattr(reactor, "running", False) and not is_guarded():
        yield "another name resolver is installed, which looks names up past the address guard; take it out."


def seen(crawler: Crawler, middlewares: Mapping[str, int]) -> SelfCheck:
    """What the crawl runs with. ``middlewares``: ours, each with its place."""
    settings = crawler.settings
    values: dict[str, Any] = {name: not _is_off(settings.get(name)) for name in NEEDED}
    for rule in RULES:
        value = settings.get(rule.name)
        off = rule.holds is _is_off or rule.name.startswith("HTTPAUTH_")
        values[rule.name] = not _is_off(value) if off else None if value is None else str(value)
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    values |= {
        "DOWNLOAD_HANDLERS": {scheme: str(path) for scheme, path in handlers.items() if path is not None},
        "DOWNLOADER_MIDDLEWARES": dict(middlewares),
        "HTTPPROXY_ENABLED": settings.getbool("HTTPPROXY_ENABLED"),
        "OPTOUT_ALLOW_PRIVATE": settings.getbool("OPTOUT_ALLOW_PRIVATE"),
        "OPTOUT_PORTS": sorted(int(port) for port in settings.getlist("OPTOUT_PORTS")),
        "OPTOUT_REASON": reason_of(settings) or None,
        "OPTOUT_RESOLVE": sorted(map(str, settings.getlist("OPTOUT_RESOLVE"))),
        "USER_AGENT": str(settings.get("USER_AGENT")),
        "proxies": sorted(configured()) if settings.getbool("HTTPPROXY_ENABLED") else [],
        "resolver": f"{GuardedResolver.__module__}.{GuardedResolver.__qualname__}",
    }
    return SelfCheck(values=dict(sorted(values.items())))
