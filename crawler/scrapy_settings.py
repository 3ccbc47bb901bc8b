"""A configuration as Scrapy's settings."""

from __future__ import annotations

from typing import Any

from scrapy.settings import Settings

from crawler.config import RunConfig
from crawler.limits import DEFAULTS, Limits
from crawler.promise import timestamp_url


def settings_of(config: RunConfig) -> Settings:
    """The Scrapy settings of a run: its profile, then what was configured, then ``-s``."""
    settings = Settings()
    settings.setmodule(f"settings.{config.profile}")
    ours: dict[str, Any] = {
        "OPTOUT_CONTACT": config.contact,
        "OPTOUT_TOKENS": list(config.tokens),
        "OPTOUT_PURPOSES": sorted(config.purposes),
        "OPTOUT_POSTURE": config.posture.value,
        "OPTOUT_READING": config.reading.value,
        "OPTOUT_REASON": config.reason,
        "OPTOUT_ACCEPT": sorted(config.accept),
        "OPTOUT_TRUST_ANCHORS": str(config.trust_anchors) if config.trust_anchors else None,
        "OPTOUT_COMMERCIAL": not config.non_commercial,
        "OPTOUT_COUNTRY": config.country,
        "OPTOUT_DENY_HOSTS": sorted(config.denylist.hosts),
        "OPTOUT_DENY_PREFIXES": list(config.denylist.prefixes),
        "OPTOUT_DENY_SHA256": sorted(config.denylist.sha256),
        "OPTOUT_KINDS": sorted(config.kinds),
        "OPTOUT_ALLOW_PRIVATE": config.allow_private,
        "OPTOUT_PORTS": sorted(config.ports),
        "OPTOUT_MAX_CRAWL_DELAY": config.max_crawl_delay,
        "OPTOUT_RESOLVE": list(config.resolve),
    }
    if "max_backoff" in config.origins:
        ours["OPTOUT_MAX_BACKOFF"] = config.max_backoff
    if "@" in config.contact and "/" not in config.contact:
        headers = dict(settings.getdict("DEFAULT_REQUEST_HEADERS"))
        ours["DEFAULT_REQUEST_HEADERS"] = headers | {"From": config.contact.removeprefix("mailto:")}
    if config.origins.get("delay", "default") != "default":
        ours["DOWNLOAD_DELAY"] = config.delay
    limits = {name: getattr(config, f"limit_{name}") for name in DEFAULTS if f"limit_{name}" in config.origins}
    if limits:
        ours["OPTOUT_LIMITS"] = limits
        ours["DOWNLOAD_MAXSIZE"] = max(settings.getint("DOWNLOAD_MAXSIZE"), Limits(**limits).largest)
    if "limit_seconds" in config.origins:
        ours["DOWNLOAD_TIMEOUT"] = config.limit_seconds
    if config.concurrency is not None:
        ours["CONCURRENT_REQUESTS"] = config.concurrency
    settings.update(ours, priority="project")
    settings.update(dict(config.settings), priority="cmdline")
    timestamp_url(settings)  # a mistake in it is told before the crawl, not at its end
    return settings


def without_frontier(settings: Settings) -> None:
    """For spiders that are told what to ask and keep nothing."""
    settings.set("SCHEDULER", "scrapy.core.scheduler.Scheduler", priority="cmdline")
    settings.set("ITEM_PIPELINES", {}, priority="cmdline")
    settings.set("EXTENSIONS", dict.fromkeys(settings.getdict("EXTENSIONS")), priority="cmdline")
