"""Every value that can be set: what it means, how it is read, and the places where it may be written.

A key with an option is ``--name`` (dashes for underscores), ``HEEDFUL_NAME`` and ``[run] name`` alike; a key
with ``homes`` may be written there too, and is best written there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.config import guard, lists, values
from crawler.config.given import Given, flag, path, positive_seconds, seconds, text, whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One value of the configuration."""

    field: str
    """The field of ``RunConfig``, or a part of it."""
    read: Callable[[Given], Any]
    """What it must look like."""
    option: str | None = None
    """Its long option with underscores; None: ``heedful.toml`` only."""
    homes: tuple[tuple[str, str], ...] = ()
    """``(section, name)`` in ``heedful.toml``, beside ``[run]`` for options."""
    meaning: str
    """What it is, in one line for people: a sentence with its full stop."""
    default: str | None = None
    """What holds when nobody says anything, in TOML; None: nothing does, or the profile says."""
    example: str | None = None
    """A value that could be written, in TOML, where there is no default to show."""

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Every ``(section, name)`` of the file where it may stand."""
        return (("run", self.option), *self.homes) if self.option else self.homes

    @property
    def home(self) -> tuple[str, str]:
        """The ``(section, name)`` of the file where it is best written."""
        return (*self.homes, *self.places)[0]


def count(given: Given) -> int:
    """A whole number, or 0 for no bound."""
    return whole(given, least=0)


def _table(given: Given) -> Mapping[str, Any]:
    assert isinstance(given.raw, dict)
    return dict(given.raw)


KEYS = (
    Key(
        field="output",
        option="output",
        read=path,
        meaning="The corpus folder.",
        example='"corpus"',
    ),
    Key(
        field="contact",
        option="contact",
        read=values.contact,
        homes=(("operator", "contact"),),
        meaning="Mail address or http(s) URL under which a site owner reaches you; every crawl needs it.",
        example='"crawler@your-domain.org"',
    ),
    Key(
        field="operator",
        option="operator",
        read=text,
        homes=(("operator", "name"),),
        meaning="Who you are, as people know you.",
        example='"The Museum"',
    ),
    Key(
        field="operator_url",
        read=values.web_url,
        homes=(("operator", "url"),),
        meaning="Your own site.",
        example='"https://your-domain.org/"',
    ),
    Key(
        field="addresses",
        read=values.addresses,
        homes=(("operator", "addresses"),),
        meaning="Where your crawler comes from: address ranges, for the bot page.",
        example='["192.0.2.0/28"]',
    ),
    Key(
        field="tokens",
        option="token",
        read=values.tokens,
        meaning="Your own robots.txt name, in front of heedful, which goes on counting.",
        default='"heedful"',
    ),
    Key(
        field="scope",
        option="scope",
        read=values.scope,
        meaning="How far from its seeds a crawl goes: host, domain, prefix or any.",
        default='"domain"',
    ),
    Key(
        field="max_pages",
        option="max_pages",
        read=whole,
        meaning="Keep at most so many pages and documents in one run.",
        example="1000",
    ),
    Key(
        field="max_time",
        option="max_time",
        read=positive_seconds,
        meaning="Stop a run after so many seconds.",
        example="3600",
    ),
    Key(
        field="max_bytes",
        option="max_bytes",
        read=whole,
        meaning="Keep at most so many bytes in one run.",
        example="1000000000",
    ),
    Key(
        field="delay",
        option="delay",
        read=seconds,
        homes=(("manners", "delay"),),
        meaning="Seconds between two requests to one registrable domain.",
        default="1",
    ),
    Key(
        field="max_crawl_delay",
        read=seconds,
        homes=(("manners", "max_crawl_delay"),),
        meaning="A host that asks for a pause of more than so many seconds is left, not crawled faster.",
        default="60",
    ),
    Key(
        field="stop_after_refusals",
        read=whole,
        homes=(("manners", "stop_after_refusals"),),
        meaning="A host that refuses so many requests in a row is left alone.",
        default="10",
    ),
    Key(
        field="max_backoff",
        read=positive_seconds,
        homes=(("manners", "max_backoff"),),
        meaning="A domain in trouble is asked more and more slowly, down to once in so many seconds.",
        default="60",
    ),
    Key(
        field="concurrency",
        option="concurrency",
        read=whole,
        meaning="Requests under way at once, over all hosts; without it, as the profile says.",
        example="64",
    ),
    Key(
        field="posture",
        option="posture",
        read=values.posture,
        meaning="opt-out keeps what nobody reserved; opt-in keeps only what is licensed.",
        default='"opt-out"',
    ),
    Key(
        field="purposes",
        option="purpose",
        read=values.purposes,
        meaning="What the corpus is for: tdm, ai-train, gen-ai-train, ai-input, search, crawl, any.",
        default='["tdm"]',
    ),
    Key(
        field="reading",
        option="reading",
        read=values.reading,
        homes=(("policy", "reading"),),
        meaning="strict counts slips and hints; literal, each protocol's letter, needs a reason.",
        default='"strict"',
    ),
    Key(
        field="reason",
        read=text,
        homes=(("policy", "reason"),),
        meaning="Why the promise is weakened, in your words; goes into the log and the report.",
        example='"a study of what the strict reading costs"',
    ),
    Key(
        field="accept",
        read=values.accept,
        homes=(("policy", "accept"),),
        meaning="Licences and permissions that count in opt-in, beside those that do anyway.",
        example='["CC-BY-ND-4.0", "tdmrep"]',
    ),
    Key(
        field="trust_anchors",
        read=values.trust_anchors,
        homes=(("policy", "trust_anchors"),),
        meaning="PEM file: the certificates of those whose signed permissions are believed.",
        example='"trusted.pem"',
    ),
    Key(
        field="non_commercial",
        read=flag,
        homes=(("policy", "non_commercial"),),
        meaning="true: you are non-commercial, as licences mean it.",
        default="false",
    ),
    Key(
        field="country",
        read=values.country,
        homes=(("policy", "country"),),
        meaning="Where you are, for licences that ask: two letters of ISO 3166-1.",
        example='"NL"',
    ),
    Key(
        field="deny_hosts",
        read=lambda given: frozenset(lists.denied(given, lists.host)),
        homes=(("policy", "deny_hosts"),),
        meaning="File or files with hosts that are never asked, one a line.",
        example='"denied-hosts.txt"',
    ),
    Key(
        field="deny_prefixes",
        read=lambda given: tuple(dict.fromkeys(lists.denied(given, lists.prefix))),
        homes=(("policy", "deny_prefixes"),),
        meaning="File or files with URL prefixes that are never asked, one a line.",
        example='"denied-prefixes.txt"',
    ),
    Key(
        field="deny_sha256",
        read=lambda given: frozenset(lists.denied(given, lists.sha256)),
        homes=(("policy", "deny_sha256"),),
        meaning="File or files with digests of bytes that are never kept, one a line.",
        example='"denied-sha256.txt"',
    ),
    Key(
        field="kinds",
        option="kinds",
        read=values.kinds,
        meaning="What is kept: text, image, pdf, epub.",
        default='["text", "image"]',
    ),
    Key(
        field="allow_private",
        option="allow_private",
        read=flag,
        meaning="true: ask loopback and private addresses, on any port.",
        default="false",
    ),
    Key(
        field="resolve",
        option="resolve",
        read=values.resolve,
        meaning="HOST:PORT:ADDRESS entries in place of DNS, as curl's; * as port or before a host.",
        example='["example.org:443:192.0.2.1"]',
    ),
    Key(
        field="ports",
        read=values.ports,
        homes=(("network", "ports"),),
        meaning="Ports that may be asked.",
        default="[80, 443]",
    ),
    Key(
        field="limit_page",
        read=whole,
        homes=(("limits", "page"),),
        meaning="Largest page, in bytes, packed and unpacked; a larger one is skipped.",
        default="16777216",
    ),
    Key(
        field="limit_image",
        read=whole,
        homes=(("limits", "image"),),
        meaning="Largest image, in bytes.",
        default="67108864",
    ),
    Key(
        field="limit_document",
        read=whole,
        homes=(("limits", "document"),),
        meaning="Largest PDF, EPUB, feed or sitemap, in bytes.",
        default="67108864",
    ),
    Key(
        field="limit_ratio",
        read=whole,
        homes=(("limits", "ratio"),),
        meaning="How many times its size a body of more than a MiB may unpack to.",
        default="200",
    ),
    Key(
        field="limit_header_lines",
        read=whole,
        homes=(("limits", "header_lines"),),
        meaning="Most header lines of one answer.",
        default="1000",
    ),
    Key(
        field="limit_header_bytes",
        read=whole,
        homes=(("limits", "header_bytes"),),
        meaning="Most bytes of the header lines of one answer.",
        default="262144",
    ),
    Key(
        field="limit_seconds",
        read=positive_seconds,
        homes=(("limits", "seconds"),),
        meaning="Longest time for one request, to the last byte of its body.",
        default="60",
    ),
    Key(
        field="min_free",
        read=count,
        homes=(("limits", "min_free"),),
        meaning="Stop, to be gone on with, when fewer bytes than so many are free on the disk; 0: never.",
        default="200000000",
    ),
    Key(
        field="trap_host_urls",
        read=count,
        homes=(("traps", "host_urls"),),
        meaning="Take up at most so many URLs of one host, images included; 0 here and below: no bound.",
        default="200000",
    ),
    Key(
        field="trap_domain_urls",
        read=count,
        homes=(("traps", "domain_urls"),),
        meaning="Take up at most so many URLs of one registrable domain.",
        default="1000000",
    ),
    Key(
        field="trap_depth",
        read=count,
        homes=(("traps", "depth"),),
        meaning="Follow links at most so far from a seed.",
        default="5000",
    ),
    Key(
        field="trap_parameters",
        read=count,
        homes=(("traps", "parameters"),),
        meaning="Leave URLs with more parameters than so many.",
        default="32",
    ),
    Key(
        field="trap_repeats",
        read=count,
        homes=(("traps", "repeats"),),
        meaning="Leave URLs in whose path one segment, not a number, stands more often than so.",
        default="3",
    ),
    Key(
        field="trap_dates",
        read=count,
        homes=(("traps", "dates"),),
        meaning="Take up at most so many dates in URLs that differ in nothing else but numbers.",
        default="20000",
    ),
    Key(
        field="trap_future_dates",
        read=count,
        homes=(("traps", "future_dates"),),
        meaning="Take up at most so many dates more than two years ahead, in such URLs.",
        default="100",
    ),
    Key(
        field="trap_sessions",
        read=count,
        homes=(("traps", "sessions"),),
        meaning="Take up at most so many sessions of a URL that is the same without them.",
        default="3",
    ),
    Key(
        field="trap_alike",
        read=count,
        homes=(("traps", "alike"),),
        meaning="Leave a pattern of URLs after so many pages in a row that bring nothing but further links.",
        default="100",
    ),
    Key(
        field="dry_run",
        option="dry_run",
        read=flag,
        meaning="true: ask for site-level files only.",
        default="false",
    ),
    Key(
        field="contacts",
        option="contacts",
        read=flag,
        meaning="true: in the end, ask sites that reserved something for security.txt, to know whom to ask.",
        default="false",
    ),
    Key(
        field="log_json",
        option="log_json",
        read=flag,
        meaning="true: write the log as one JSON object a line.",
        default="false",
    ),
    Key(
        field="metrics",
        option="metrics",
        read=values.port,
        meaning="Port of 127.0.0.1 with /metrics, /healthz and /readyz while a crawl runs; 0 for none.",
        default="0",
    ),
    Key(
        field="profile",
        option="profile",
        read=values.profile,
        meaning="Scrapy settings profile: polite, testing or distributed.",
        default='"polite"',
    ),
    Key(
        field="settings",
        option="setting",
        read=guard.settings,
        meaning="Scrapy settings, as NAME=VALUE.",
        example='["DOWNLOAD_TIMEOUT=30"]',
    ),
    Key(
        field="summary",
        read=_table,
        homes=(("summary", ""),),
        meaning="Your fields of the EU template of the training-content summary.",
    ),
)
"""All of them."""

SECTIONS = ("run", "operator", "policy", "manners", "traps", "network", "limits", "summary")
"""The sections of ``heedful.toml``."""
