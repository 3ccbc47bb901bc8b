"""Which URLs the terms of an RSL document are about.

RSL 1.0, content/@url (https://rslstandard.org/rsl)::

    url = ""                       ; where the terms are placed
        / path-pattern             ; RFC 9309 §2.2.2: prefix, "*", trailing "$"
        / "https://" host path-pattern

Absolute URLs are compared by host and port first; the scheme does not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.optout.grammar.urlpattern import Pattern, compile_pattern, subject

_ABSOLUTE = re.compile(r"(?:(https?):)?//([^/?]*)(.*)", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DEFAULT_PORT = {"http": 80, "https": 443}


class Address(NamedTuple):
    """A URL in the form in which scopes are compared with it."""

    authority: str | None
    """Host, and port unless it is the default one; None when the URL has none."""
    path: str
    """Path and query, normalised."""


@lru_cache(maxsize=1024)
def address_of(url: str) -> Address:
    """The address of an absolute http(s) URL."""
    return Address(authority_of(url), subject(url))


@dataclass(frozen=True, slots=True)
class Scope:
    """A compiled content/@url."""

    authority: str | None
    """Host, and port unless it is the default one; a leading ``*.`` takes in all hosts below.
    None: whichever host the document speaks for."""
    pattern: Pattern
    """What path and query are matched against."""
    exact: bool
    """Whether it was written as the specification asks."""

    def matches(self, address: Address) -> bool:
        """Whether the URL lies in it."""
        return self._names(address.authority) and self.pattern.matches(address.path)

    def _names(self, authority: str | None) -> bool:
        if self.authority is None or self.authority == authority:
            return True
        if authority is None or not self.authority.startswith("*."):
            return False
        return ("." + authority).endswith(self.authority[1:])


_EVERYTHING = Scope(None, compile_pattern("/"), exact=False)


@lru_cache(maxsize=65_536)
def compile_scope(url: str) -> Scope:
    """Compile a content/@url that is not empty. One that cannot be read matches everything, inexactly."""
    url, fragment, _ = url.partition("#")
    absolute = _ABSOLUTE.fullmatch(url)
    if absolute is None:
        if _SCHEME.match(url):
            return _EVERYTHING
        rooted = url.startswith(("/", "*"))
        return Scope(None, compile_pattern(url if rooted else f"/{url}"), exact=rooted and not fragment)
    scheme, host, rest = absolute.groups()
    authority = authority_of(url if scheme else f"https:{url}")
    if authority is None or "*" in authority.removeprefix("*."):
        return _EVERYTHING
    path = rest if rest.startswith("/") else f"/{rest}"
    return Scope(authority, compile_pattern(path), exact=bool(scheme) and not fragment and "*" not in host)


@lru_cache(maxsize=4_096)
def authority_of(url: str) -> str | None:
    """Host and port of an absolute URL as they are compared, default ports left out; None: there is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if not host:
            return None
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        return None
    host = host.lower().rstrip(".")
    return host if port is None or port == _DEFAULT_PORT.get(parts.scheme) else f"{host}:{port}"
