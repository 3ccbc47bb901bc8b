"""Registrable domains, from the Public Suffix List snapshot that tldextract ships; nothing is downloaded.

Two views of one list: politeness ignores its private section (everything behind one hosting name is one server
farm), scope and reports respect it (``alice.github.io`` is Alice's). An IP address is its own domain.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import tldextract

_FARM = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)
_OWNER = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def host_of(url: str) -> str:
    """The host name of ``url``, lower case, without a trailing dot; empty when it has none."""
    return (urlsplit(url).hostname or "").lower().rstrip(".")


@lru_cache(maxsize=16_384)
def politeness_domain(host: str) -> str:
    """The unit that gets one connection and one request a second."""
    return _registrable(_FARM, host)


@lru_cache(maxsize=16_384)
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


def suffix_list() -> str:
    """Which Public Suffix List these are from: its date where the snapshot tells, and the package it is in."""
    package = f"as shipped with tldextract {version('tldextract')}"
    snapshot = Path(tldextract.__file__).with_name(".tld_set_snapshot")
    try:
        with snapshot.open(encoding="utf-8") as file:
            head = file.read(4096)  # the list's own header says "// VERSION: 2025-04-07_15-51-09_UTC"
    except OSError:
        return f"Public Suffix List {package}"
    found = re.search(r"^// VERSION: (\d{4}-\d\d-\d\d)_", head, re.M)
    return f"Public Suffix List of {found[1]}, {package}" if found else f"Public Suffix List {package}"


def is_address(host: str) -> bool:
    """Whether ``host`` is written as an IP address."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
