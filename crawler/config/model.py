"""The configuration of one run as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crawler import TOKEN
from crawler.addresses import WEB_PORTS
from crawler.optout.model import Denylist, Kind, Posture, Purpose, Reading

Origin = Literal["option", "environment", "file", "default"]
"""Where a value came from."""

Scope = Literal["host", "domain", "prefix", "any"]
"""How far from its seeds a crawl goes; the images of a page are fetched wherever they live."""

Profile = Literal["polite", "testing", "distributed"]
"""The Scrapy settings profiles, ``settings.<name>``."""


class ConfigError(Exception):
    """What the operator wrote cannot be used: one sentence says what, where, and what to do. Exit code 2."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedList:
    """A file of seeds, as far as it may be published."""

    name: str
    """Its base name: where it lies is nobody's business."""
    sha256: str
    """Digest of its bytes, hexadecimal."""
    count: int
    """Entries that it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig:
    """Everything the operator decides about a run."""

    seeds: tuple[str, ...] = ()
    """Pages to begin with: normalised absolute http(s) URLs, each once."""
    sitemaps: tuple[str, ...] = ()
    """Sitemaps to begin with, same form."""
    seed_lists: tuple[SeedList, ...] = ()
    """The files that seeds were read from."""
    output: Path | None = None
    """The corpus folder; None only where nothing is kept."""
    contact: str
    """Mail address or http(s) URL under which a site owner reaches the operator."""
    operator: str | None = None
    """The operator's name."""
    operator_url: str | None = None
    """The operator's own site."""
    addresses: tuple[str, ...] = ()
    """Address ranges the crawler comes from, in CIDR notation, as the operator publishes them."""
    tokens: tuple[str, ...] = (TOKEN,)
    """Product tokens as written; the first is the one in the User-Agent, a denial addressed to any counts."""
    scope: Scope = "domain"
    """How far from the seeds."""
    max_pages: int | None = None
    """Pages kept at most in this invocation; None: no limit."""
    max_time: float | None = None
    """Seconds at most; None: no limit."""
    max_bytes: int | None = None
    """Bytes of content kept at most in this invocation; None: no limit."""
    delay: float = 1.0
    """Seconds between two requests to one registrable domain."""
    concurrency: int | None = None
    """Requests under way at once, over all hosts; None: as the profile says."""
    posture: Posture = Posture.OPT_OUT
    """Keep what nobody objected to, or only what was permitted."""
    purposes: frozenset[Purpose] = frozenset({Purpose.TDM})
    """What the corpus is for."""
    reading: Reading = Reading.STRICT
    """How statements are read."""
    reason: str | None = None
    """Why the promise was weakened, in the operator's words."""
    accept: frozenset[str] = frozenset()
    """What licenses beside what does anyway, by name: it makes opt-in wider and the promise no weaker."""
    trust_anchors: Path | None = None
    """Certificates, in PEM, of those whose signed permissions are believed; None: nobody's."""
    non_commercial: bool = False
    """Whether the operator declares the run non-commercial."""
    country: str | None = None
    """ISO 3166-1 alpha-2 code of the operator, upper case."""
    kinds: frozenset[Kind] = frozenset({Kind.TEXT, Kind.IMAGE})
    """What is kept."""
    denylist: Denylist = field(default_factory=Denylist)
    """What the operator never collects: ``deny_hosts``, ``deny_prefixes``, ``deny_sha256``."""
    allow_private: bool = False
    """Whether loopback and private addresses may be asked, on any port."""
    resolve: tuple[str, ...] = ()
    """``HOST:PORT:ADDRESS`` entries that replace name resolution, first match first."""
    ports: frozenset[int] = WEB_PORTS
    """Ports that may be asked."""
    max_crawl_delay: float = 60.0
    """Seconds; a host that asks for a longer pause is skipped, not crawled faster."""
    stop_after_refusals: int = 10
    """Refusals in a row after which a host is left alone."""
    limit_page: int = 16 << 20
    """Octets of a page, packed and unpacked; a larger one is skipped."""
    limit_image: int = 64 << 20
    """The same of an image."""
    limit_document: int = 64 << 20
    """The same of a PDF, EPUB, feed or sitemap."""
    limit_ratio: int = 200
    """Times its size that a body of more than a MiB may unpack to."""
    limit_header_lines: int = 1_000
    """Header lines of one answer."""
    limit_header_bytes: int = 256 << 10
    """Octets of these."""
    limit_seconds: float = 60.0
    """Seconds for one request, from its connection to the last octet of its body."""
    min_free: int = 200_000_000
    """Bytes that a crawl leaves free where its corpus lies; with fewer it stops, resumable. 0: none."""
    max_backoff: float = 60.0
    """Seconds; the longest pause that trouble with a domain leads to by itself."""
    trap_host_urls: int = 200_000
    """URLs of one host, images included; 0: no bound, as below."""
    trap_domain_urls: int = 1_000_000
    """URLs of one registrable domain."""
    trap_depth: int = 5_000
    """Links from a seed."""
    trap_parameters: int = 32
    """Parameters of a URL."""
    trap_repeats: int = 3
    """Times that one segment stands in a path."""
    trap_dates: int = 20_000
    """Dates in URLs of one pattern."""
    trap_future_dates: int = 100
    """Dates more than two years ahead in URLs of one pattern."""
    trap_sessions: int = 3
    """Sessions of one URL."""
    trap_alike: int = 100
    """Pages of one pattern in a row that bring nothing but further links."""
    dry_run: bool = False
    """Ask for site-level files only."""
    contacts: bool = False
    """Ask origins that reserved something, and name nobody, whom to write to."""
    log_json: bool = False
    """Write the log as one JSON object a line."""
    metrics: int = 0
    """Port of the loopback address on which a crawl tells its numbers; 0: none."""
    profile: Profile = "polite"
    """Scrapy settings profile."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Scrapy settings of ``-s``, as written."""
    summary: Mapping[str, Any] = field(default_factory=dict)
    """The operator's fields of the EU template of the training-content summary."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """For each field, where its value came from; a field that is not in it has its default."""
