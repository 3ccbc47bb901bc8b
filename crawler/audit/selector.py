"""What somebody may ask for: a domain, a host, a URL or the digest of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from crawler.domains import host_of, is_address, owner_domain
from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Malformed

_DIGEST = re.compile(r"(?:sha-?256:)?([0-9a-f]{64})", re.IGNORECASE)


class Kind(StrEnum):
    """What is asked for."""

    DOMAIN = "domain"
    HOST = "host"
    URL = "url"
    SHA256 = "sha256"


class Unaskable(ValueError):
    """What was asked for is no domain, URL or digest; one sentence says what to write instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selector:
    """What is asked for, in the form in which the ledger writes it."""

    kind: Kind
    """How it selects."""
    value: str
    """Registrable domain, host name, normalised URL or digest; lower case but for a URL."""
    note: str = ""
    """What whoever asked should know about how it was understood; empty when there is nothing."""

    def covers(self, url: str) -> bool:
        """Whether a URL is selected; always False for a digest."""
        if self.kind is Kind.URL:
            return url == self.value
        try:
            host = host_of(url)
        except ValueError:
            return False
        if self.kind is Kind.HOST:
            return host == self.value
        return self.kind is Kind.DOMAIN and owner_domain(host) == self.value


def selector_of(text: str) -> Selector:
    """What ``text`` asks for; raises :class:`Unaskable`.

    A domain is registrable under the Public Suffix List with its private section, for which ``alice.github.io``
    is Alice's.
    A host name below a registrable domain is asked for as that host alone.
    """
    text = text.strip()
    if digest := _DIGEST.fullmatch(text):
        return Selector(kind=Kind.SHA256, value=digest[1].lower())
    if "://" in text:
        try:
            return Selector(kind=Kind.URL, value=normalise_url(text))
        except Malformed as error:
            raise Unaskable(f"{text:.200} cannot be looked up: {error}") from error
    if re.search(r"[/?#@\s]", text):
        raise Unaskable(
            f"{text:.200} is neither a domain nor a digest; a URL is written with https:// in front"
        )
    try:
        host = host_of(normalise_url(f"http://{text}/"))
    except Malformed as error:
        raise Unaskable(f"{text:.200} is no domain, URL or SHA-256 digest: {error}") from error
    if ":" in text and not is_address(text):
        raise Unaskable(f"{text:.200} names a port; write {host}, which is looked up on every port")
    domain = owner_domain(host)
    if domain != host:
        words = f"{host} is looked up as this host alone; {domain} would cover the whole registrable domain"
        return Selector(kind=Kind.HOST, value=host, note=words)
    if not is_address(host) and owner_domain(f"a.{host}") != host:
        words = (
            f"{host} is a public suffix, under which names belong to many; it is looked up as this host alone"
        )
        return Selector(kind=Kind.HOST, value=host, note=words)
    return Selector(kind=Kind.DOMAIN, value=host)
