"""The nouns of the gate: what was asked for, what came back, what it says, what we decided.

Everything here is frozen and keyword-only. Nothing here reads a clock: times come in with the captures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, TypeVar

T = TypeVar("T")

EXCERPT_LIMIT = 2048
"""Characters of a source that a statement may quote; enough for a line, too little for a work."""


class Purpose(StrEnum):
    """What content is collected for. Each purpose lies inside others: see :data:`INSIDE`."""

    ANY = "any"
    CRAWL = "crawl"
    TDM = "tdm"
    AI_TRAIN = "ai-train"
    GEN_AI_TRAIN = "gen-ai-train"
    AI_INPUT = "ai-input"
    SEARCH = "search"

    def overlaps(self, other: Purpose) -> bool:
        """Whether one of the two equals or contains the other, so that a word on one concerns the other."""
        return other in INSIDE[self] or self in INSIDE[other]


INSIDE: Mapping[Purpose, frozenset[Purpose]] = {
    Purpose.ANY: frozenset(Purpose),
    Purpose.CRAWL: frozenset({Purpose.CRAWL}),
    Purpose.TDM: frozenset({Purpose.TDM, Purpose.AI_TRAIN, Purpose.GEN_AI_TRAIN, Purpose.AI_INPUT}),
    Purpose.AI_TRAIN: frozenset({Purpose.AI_TRAIN, Purpose.GEN_AI_TRAIN}),
    Purpose.GEN_AI_TRAIN: frozenset({Purpose.GEN_AI_TRAIN}),
    Purpose.AI_INPUT: frozenset({Purpose.AI_INPUT}),
    Purpose.SEARCH: frozenset({Purpose.SEARCH}),
}
"""What lies inside each purpose, itself included."""


class Preference(StrEnum):
    """What a statement says about its purpose. Silence is no statement."""

    ALLOW = "allow"
    DISALLOW = "disallow"
    CONDITIONAL = "conditional"
    """Only on terms: a licence, a price, a duty."""
    UNREADABLE = "unreadable"
    """Something was said, or may have been, and could not be read."""


class Basis(StrEnum):
    """How directly it was said; the one switch between the two readings."""

    STATED = "stated"
    RECOVERED = "recovered"
    """Said, but not in the syntax its specification asks for."""
    INFERRED = "inferred"
    """Said to others or about something else, and read onto us."""


class Carrier(StrEnum):
    """Where a statement travels."""

    ROBOTS_TXT = "robots.txt"
    HOST_FILE = "host-file"
    """A site-level file other than robots.txt."""
    HEADER = "header"
    HTML = "html"
    EMBEDDED = "embedded"
    """Metadata inside an image or document."""
    DOCUMENT = "document"
    """The content document itself: EPUB, PDF."""
    STATUS = "status"
    """The HTTP status, or the failure to get one."""
    HOUSE = "house"
    """A reason of ours, not of the creator's."""


LAYER: Mapping[Carrier, int] = {
    Carrier.ROBOTS_TXT: 0,
    Carrier.HOST_FILE: 0,
    Carrier.STATUS: 1,
    Carrier.HEADER: 1,
    Carrier.HTML: 2,
    Carrier.EMBEDDED: 2,
    Carrier.DOCUMENT: 2,
    Carrier.HOUSE: 2,
}
"""From broad to narrow: in the literal reading, a layered signal's narrower word replaces its broader one."""


class Kind(StrEnum):
    """What an asset is."""

    TEXT = "text"
    IMAGE = "image"
    PDF = "pdf"
    EPUB = "epub"


class Stage(Enum):
    """How far the gate was asked, in order."""

    HOST = "host"
    HEADERS = "headers"
    CONTENT = "content"


class Outcome(StrEnum):
    """What a decision says."""

    UNRESERVED = "unreserved"
    LICENSED = "licensed"
    RESERVED = "reserved"
    UNDETERMINED = "undetermined"
    SKIPPED = "skipped"


OPEN = frozenset({Outcome.UNRESERVED, Outcome.LICENSED})
"""The outcomes with which an asset may go on to the next stage."""


class Standing(StrEnum):
    """What is known of one signal source."""

    KNOWN = "known"
    ABSENT = "absent"
    UNREACHABLE = "unreachable"


class Reading(StrEnum):
    """How statements are read: generously towards creators, or by each protocol's letter."""

    STRICT = "strict"
    LITERAL = "literal"


class Posture(StrEnum):
    """What is kept: what nobody objected to, or only what was permitted."""

    OPT_OUT = "opt-out"
    OPT_IN = "opt-in"


class Fault(Exception):
    """Our own mistake, never a stranger's bytes. ::

    Fault
    ├── OutOfOrder   a stage was asked before the one it rests on, or after a closed one
    └── Refused      the store was offered content without a decision to collect it
    """


class OutOfOrder(Fault):
    """A stage was asked before the one it rests on, or after the asset was already turned away."""


class Refused(Fault):
    """The store was offered content without a decision to collect it."""


class Malformed(ValueError):
    """A stranger's bytes do not follow their grammar; signals turn it into a statement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """One thing that might be collected."""

    url: str
    """Absolute http(s) URL without fragment."""
    kind: Kind
    """What it is, or before the response came: what it is expected to be."""
    via: str | None = None
    """The page that embeds it, for images."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hop:
    """A redirect that was followed on the way to a capture."""

    url: str
    """The URL that redirected."""
    status: int
    """Its status, 3xx."""
    headers: tuple[tuple[str, str], ...]
    """Its header lines in order, repeated ones kept; names lower case."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One answer to one request, or the failure to get one."""

    url: str
    """The URL that was asked for last, after ``hops``."""
    status: int | None
    """HTTP status; None: nothing answered."""
    at: datetime
    """When the answer came, UTC."""
    headers: tuple[tuple[str, str], ...] = ()
    """Header lines in order, repeated ones kept; names lower case, values decoded as latin-1."""
    body: bytes = field(default=b"", repr=False)
    """The body after content decoding; empty at the headers stage."""
    hops: tuple[Hop, ...] = ()
    """Redirects followed on the way here, first hop first."""
    complete: bool = True
    """False: the body was cut short, by the network or by our limit."""
    failure: str | None = None
    """Why nothing, or not all, arrived; in words, None when all went well."""
    _parsed: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False, init=False)

    def values(self, name: str) -> list[str]:
        """Every line of the header ``name`` (lower case), in order, stripped."""
        return [value.strip() for key, value in self.headers if key == name]

    @property
    def media_type(self) -> str | None:
        """The claimed media type, lower case and without parameters; None if there is none."""
        for value in self.values("content-type"):
            return value.partition(";")[0].strip().lower() or None
        return None

    def parsed(self, parse: Callable[[Capture], T]) -> T:
        """``parse(self)``, done once and shared by every signal that asks for the same syntax."""
        try:
            return self._parsed[parse]  # type: ignore[no-any-return]
        except KeyError:
            result = self._parsed[parse] = parse(self)
            return result

    def know(self, parse: Callable[[Capture], T], result: T) -> None:
        """Take ``result`` for what ``parse`` would have found, because it was parsed elsewhere."""
        self._parsed[parse] = result

    def knows(self, parse: Callable[[Capture], T]) -> bool:
        """Whether ``parse`` need not be done any more."""
        return parse in self._parsed

    def forget(self) -> None:
        """Let go of what was parsed; it is parsed again when somebody asks."""
        self._parsed.clear()

    @property
    def digest(self) -> str:
        """SHA-256 of the body, hexadecimal."""
        return self.parsed(_body_digest)


def _body_digest(capture: Capture) -> str:
    return hashlib.sha256(capture.body).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Where a statement was read, exactly enough to read it again."""

    source: str
    """URL of the document or response that carries it."""
    carrier: Carrier
    """How it travelled."""
    locator: str
    """Where in the carrier: ``line 12``, ``x-robots-tag[1]``, ``meta[name=robots][0]``."""
    excerpt: str
    """The words themselves, at most :data:`EXCERPT_LIMIT` characters."""
    sha256: str
    """Digest of the site-level file or licence document; elsewhere of the excerpt as it was read.
    Never the digest of a page or image, which may be reserved."""
    at: datetime
    """When the carrier was captured, UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One thing said about one purpose."""

    signal: str
    """Name of the signal it was said through."""
    purpose: Purpose
    """What it is about."""
    preference: Preference
    """What it says."""
    basis: Basis
    """How directly."""
    evidence: Evidence
    """Where."""
    kind: Kind | None = None
    """The only kind of asset it concerns; None: any."""
    terms: str | None = None
    """URL or words of the creator's licence, policy or price."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """A reader's request for a second document, such as a licence that robots.txt names."""

    signal: str
    """Who asks."""
    url: str
    """What for; absolute http(s) URL."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One source that was consulted, and by which signals."""

    signals: tuple[str, ...]
    """The signals that read it."""
    carrier: Carrier
    """How it travels."""
    source: str
    """Its URL."""
    standing: Standing
    """Whether it is there."""
    status: int | None
    """HTTP status; None: nothing answered."""
    at: datetime
    """When, UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What the gate says about one asset at one stage. It is never edited, only followed by another."""

    asset: Asset
    """What it is about."""
    stage: Stage
    """How far was asked."""
    outcome: Outcome
    """The answer."""
    grounds: tuple[Statement, ...]
    """The statements the outcome rests on; empty when nothing speaks against."""
    heard: tuple[Statement, ...]
    """Every statement heard up to here."""
    asked: tuple[Asked, ...]
    """Every source consulted up to here."""
    needs: tuple[str, ...]
    """Documents the same stage must be asked again with; not empty only when undetermined."""
    purposes: tuple[Purpose, ...]
    """The run's declared purposes."""
    posture: Posture
    """The run's posture."""
    reading: Reading
    """The run's reading."""
    policy: str
    """Digest of everything of ours that the decision depends on: ``sha256:…``."""
    at: datetime
    """When, UTC."""
    licence: str | None = None
    """The accepted licence bound to this asset."""

    @property
    def collect(self) -> bool:
        """Whether the content may be kept: only after the last stage, and only with an open outcome."""
        return self.stage is Stage.CONTENT and self.outcome in OPEN and not self.needs


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """Who runs the crawl, as far as licences ask."""

    commercial: bool = True
    """False only when the run declared itself non-commercial."""
    country: str | None = None
    """ISO 3166-1 alpha-2 code, upper case; None: undeclared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Denylist:
    """What this operator never collects, whatever the creator's signals say. It can only deny."""

    hosts: frozenset[str] = frozenset()
    """Host names, lower case; a leading dot denies the name and everything below it."""
    prefixes: tuple[str, ...] = ()
    """URL prefixes."""
    sha256: frozenset[str] = frozenset()
    """Digests of content, lower-case hexadecimal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What a reader may know beside the bytes."""

    agents: tuple[str, ...]
    """Our product tokens, lower case; the first is the one in the User-Agent."""
    operator: Operator = Operator()
    """Who we are."""
    denylist: Denylist = Denylist()
    """The operator's own lists."""
    trust_anchors: str = field(default="", repr=False)
    """Certificates (PEM) of those whose signed permissions are believed; empty: nobody's."""
    documents: Mapping[str, Capture] = field(default_factory=dict)
    """Second documents that were asked for and have been fetched, by the URL they were asked under."""


Reader = Callable[[Capture, Asset, Context], Iterable[Statement | Need]]
"""A pure function from one carrier's bytes to statements. It never raises because of what it reads."""

ImageReader = Callable[[Capture, Context], Mapping[str, tuple[Statement, ...]]]
"""From a page to what it permits of single images, by their absolute URLs. Its reservations do not go this way:
they spread to every image."""

Permits = Callable[[Statement], tuple[str, ...]]
"""The names that must all be accepted before a permission licenses; the first one is the licence's own.
Empty: the permission names nothing that could be accepted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HostFile:
    """A site-level file that must be asked for before anything of its origin is fetched."""

    path: str
    """Absolute path on the origin."""
    limit: int = 512_000
    """Bytes read at most; a longer file is not complete."""
    refusal: Standing = Standing.ABSENT
    """What 401, 402, 403, 407 and 451 mean for this file: robots.txt refuses us, others are just not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """One way creators say no (or yes), declared in one file of ``optout/signals``."""

    name: str
    """The module's name with ``-`` for ``_``; the name in decisions, reports and vectors."""
    title: str
    """Its name in words."""
    spec: str
    """URL of its authority."""
    version: str
    """Version or date of the text that was implemented."""
    readers: Mapping[Carrier, Reader]
    """How it is read from each carrier it travels in."""
    meanings: tuple[tuple[str, str], ...]
    """Rows ``(what is written, what it means to us)`` for the documentation."""
    host_files: tuple[HostFile, ...] = ()
    """The site-level files it reads as ``HOST_FILE``, or ``/robots.txt`` itself."""
    layered: bool = False
    """True: its own text lets a narrower carrier replace a broader one (see :data:`LAYER`)."""
    malformed_is_silence: bool = False
    """True: its own text says that a malformed value is as if nothing had been said."""
    of_images: ImageReader | None = None
    """How it is read where a page speaks of a single image."""
    permits: Permits | None = None
    """What its permissions are called in a list of accepted ones; None: all of them by its own name."""


def quote(capture: Capture, carrier: Carrier, locator: str, excerpt: str, *, of_file: bool = False) -> Evidence:
    """Evidence for words found in ``capture``.

    ``of_file``: the capture is a site-level file or licence document, so its own digest may be recorded.
    """
    sha256 = capture.digest if of_file else hashlib.sha256(excerpt.encode("utf-8", "replace")).hexdigest()
    return Evidence(
        source=capture.url,
        carrier=carrier,
        locator=locator,
        excerpt=excerpt[:EXCERPT_LIMIT],
        sha256=sha256,
        at=capture.at,
    )
