"""The proxies that the environment names, by which a crawl leaves this network.

They may lie at private addresses, because the operator put them there; nothing else at those addresses is asked
because of it. Their user names and passwords are read by Scrapy's own middleware and by nothing here.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies

Endpoint = tuple[str, int]
"""Host name or literal address, lower case, and port."""

SCHEMES = ("http", "https")
"""Schemes of URLs that a crawl asks for, and for which a proxy may be named."""


def configured() -> dict[str, Endpoint]:
    """Scheme of the URLs → proxy that they are asked through, from ``http_proxy`` and ``https_proxy``."""
    found = {}
    for scheme, url in getproxies().items():
        endpoint = endpoint_of(url)
        if scheme in SCHEMES and endpoint is not None:
            found[scheme] = endpoint
    return found


def endpoint_of(url: str) -> Endpoint | None:
    """Where a proxy listens, as Scrapy reads its URL: without a scheme it is http. None: it names none."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (host, port or (443 if parts.scheme == "https" else 80)) if host else None
