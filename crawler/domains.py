"""Registrable domains, from the Public Suffix List snapshot that tldextract ships; nothing is downloaded.

Two views of one list: politeness ignores its private section (everything behind one hosting name is one server
farm), scope and reports respect it (``alice.github.io`` is Alice's). An IP address is its own domain.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

import tldextract

_FARM = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)
_OWNER = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def host_of(url: str) -> str:
    """The host name of ``url``, lower case, without a trailing dot; empty when it has none."""
    return (urlsplit(url).hostname or "").lower().rstrip(".")


@lru_cache(maxsize=65_536)
def politeness_domain(host: str) -> str:
    """The unit that gets one connection and one request a second."""
    return _registrable(_FARM, host)


@lru_cache(maxsize=65_536)
def owner_domain(host: str) -> str:
    """The unit that one owner speaks for: scope, withdrawal, reports."""
    return _registrable(_OWNER, host)


def _registrable(extract: tldextract.TLDExtract, host: str) -> str:
    if is_address(host):
        return host
    parts = extract.extract_str(host)
    if parts.suffix or "." not in host:
        return parts.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])  # no rule matches: the list's default rule is "*"


def is_address(host: str) -> bool:
    """Whether ``host`` is written as an IP address."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
