"""Which Scrapy settings ``-s`` may not touch, because the promise rests on them.

Cookies, caches, redirects, pipelines and the parts that carry the gate are wired by heedful itself. Whether
certificates are checked may be switched off, but only in ``heedful.toml`` and with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.config.given import Given, entries

CERTIFICATES = "DOWNLOAD_VERIFY_CERTIFICATES"
"""The one setting that weakens the promise and may be weakened."""

OURS = frozenset(
    """ADDONS COMPRESSION_ENABLED DEFAULT_REQUEST_HEADERS DNS_RESOLVER DOWNLOADER
    DOWNLOADER_CLIENTCONTEXTFACTORY DOWNLOAD_FAIL_ON_DATALOSS DUPEFILTER_CLASS ENGINE FILES_STORE
    IMAGES_STORE ITEM_PROCESSOR JOBDIR REQUEST_FINGERPRINTER_CLASS SCHEDULER SPIDER_LOADER_CLASS SPIDER_MODULES
    STATS_CLASS TWISTED_DNS_RESOLVER TWISTED_REACTOR TWISTED_REACTOR_ENABLED USER_AGENT""".split()  # noqa: SIM905 - a table reads better
)
"""Settings that heedful wires itself."""

OURS_BY_PREFIX = (
    "AJAXCRAWL_",
    "COOKIES_",
    "DOWNLOADER_CLIENT_TLS_",
    "DOWNLOADER_MIDDLEWARES",
    "DOWNLOAD_HANDLERS",
    "DOWNLOAD_TLS_",
    "EXTENSIONS",
    "FEED",
    "HTTPAUTH_",
    "HTTPCACHE_",
    "HTTPERROR_",
    "ITEM_PIPELINES",
    "METAREFRESH_",
    "OPTOUT_",
    "REDIRECT_",
    "ROBOTSTXT_",
    "SPIDER_MIDDLEWARES",
)
"""The same, by how their names begin."""

FREE = frozenset({"OPTOUT_TIMESTAMP_URL"})
"""Settings of ours on which no promise rests."""


def settings(given: Given) -> dict[str, str]:
    """``NAME=VALUE`` pairs as a mapping; the last value of a name counts. Raises for a name that is ours."""
    found: dict[str, str] = {}
    for entry in entries(given):
        name, equals, value = entry.partition("=")
        name = name.strip()
        if not equals or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise Given(entry, given.origin, given.where).not_a("NAME=VALUE with the name of a Scrapy setting")
        if name in OURS or (name.startswith(OURS_BY_PREFIX) and name not in FREE):
            raise given.error(f"{name} cannot be set, because what heedful promises rests on it")
        if name == CERTIFICATES and given.origin != "file" and not _is_on(value):
            raise given.error(
                f"{name} weakens the promise and is accepted only from heedful.toml: "
                f'write setting = ["{name}=false"] under [run] and reason = "…" under [policy]'
            )
        found[name] = value.strip()
    return found


def weakened(settings: Mapping[str, str]) -> bool:
    """Whether certificates go unchecked."""
    return not _is_on(settings.get(CERTIFICATES, "true"))


def _is_on(value: str) -> bool:
    return value.strip().lower() in ("1", "true")
