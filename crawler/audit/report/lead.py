"""What a lead is: one registrable domain, what its reservations ask for, and whom to ask."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.audit.report.contacts import Contact

MOST = 10
"""Terms, prices and contacts that are named of one domain; how many there are beyond is said."""

SAMPLES = 3
"""URLs that are named of one domain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """URLs by what is behind them."""

    pages: int = 0
    """Web pages and other text."""
    images: int = 0
    """Images."""
    documents: int = 0
    """PDF and EPUB documents."""

    @property
    def urls(self) -> int:
        """All of them."""
        return self.pages + self.images + self.documents


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Terms that reservations of a domain came with."""

    kind: str
    """One of :data:`crawler.audit.report.terms.WORDS`."""
    reference: str
    """Their address, or their words; may be empty."""
    urls: int
    """Reserved URLs that came with them."""
    source: str
    """Where they were read last; one of the places."""
    at: str
    """When, RFC 3339."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """One registrable domain."""

    domain: str
    """The domain, or an IP address."""
    opens: Volume
    """URLs that nothing but statements with terms reserves."""
    also: int
    """URLs that came with terms, and that a statement without terms reserves too."""
    also_by: tuple[tuple[str, int], ...]
    """Signals of these other statements, each with its URLs; most first."""
    reserved: Volume
    """Every reserved URL of the domain, with terms or without."""
    withdrawn: int
    """URLs that were taken out at somebody's request; none of them is counted elsewhere."""
    terms: tuple[Terms, ...]
    """Most URLs first, at most :data:`MOST`."""
    terms_left: int
    """How many more there are."""
    prices: tuple[str, ...]
    """As written; most URLs first, at most :data:`MOST`."""
    prices_left: int
    """How many more there are."""
    contacts: tuple[Contact, ...]
    """Who grants licences first, security contacts last, at most :data:`MOST`."""
    contacts_left: int
    """How many more there are."""
    samples: tuple[str, ...]
    """A few of the URLs, those that would be opened first."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of the terms that are named, each once."""
        return tuple(dict.fromkeys(one.kind for one in self.terms))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """Several domains together."""

    domains: int
    opens: Volume
    also: int
    reserved: Volume
