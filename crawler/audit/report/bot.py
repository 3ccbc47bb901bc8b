"""What is published about a crawler: who runs it, what it is for, by which rules it goes.

It is what a crawl that began now would do: what the operator wrote, where nothing is written what the corpus
was collected as, and else the defaults. What is fixed for a corpus must not be written differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler import TOKEN, user_agent
from crawler.audit.report.conduct import Conduct
from crawler.audit.report.request import ReportError
from crawler.corpus.policies import read_policy, read_trust
from crawler.optout import SIGNALS, Gate, Policy
from crawler.optout.described import parse_description, trust_of, versions_of
from crawler.optout.model import Context, Denylist, Kind, Malformed, Operator, Posture, Purpose, Reading
from crawler.optout.policy import ACCEPTED, NON_COMMERCIAL

if TYPE_CHECKING:
    from crawler.audit.report.request import Request
    from crawler.corpus.corpus import Corpus

MISSING = (
    "no contact: a page for site owners has to say how they reach you; say it with HEEDFUL_CONTACT or "
    "heedful.toml [operator] contact"
)
_MAIL = re.compile(r"[^\s@<>\"/?&#%]+@[A-Za-z0-9.-]+")
_WEB = re.compile(r"https?://[^\s<>\"\\]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawling:
    """What a corpus has on record about when it was collected."""

    since: datetime
    """When it was begun, UTC."""
    last: datetime | None
    """When the last crawl began; None: there was none."""
    recheck: datetime | None
    """When sites were asked again last without collecting; None: never."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crawler:
    """One crawler, as its operator publishes it."""

    operator: str | None
    """Who runs it."""
    url: str | None
    """The operator's own site."""
    contact: str
    """Mail address or URL."""
    tokens: tuple[str, ...]
    """Its names in robots.txt, the one in the User-Agent first."""
    purposes: tuple[Purpose, ...]
    """What it collects for, sorted."""
    posture: Posture
    """Whether it needs a permission to keep something."""
    reading: Reading
    """How it reads what it hears."""
    reason: str | None
    """Why strictness was lowered, in the operator's words."""
    accepted: tuple[str, ...]
    """Licences and permissions that count, sorted."""
    kinds: tuple[Kind, ...]
    """What it keeps, sorted."""
    delay: float
    """Seconds between two requests to one registrable domain."""
    together: int
    """Requests that may be under way to one registrable domain at once."""
    max_delay: float
    """Seconds; a host that asks for longer pauses is left."""
    refusals: int
    """Refusals in a row after which a host is left."""
    addresses: tuple[str, ...]
    """Address ranges it comes from; empty: not published."""
    policy: str
    """Digest that the decisions of a crawl begun now bear."""
    signals: Mapping[str, str] = field(default_factory=dict)
    """Version of each signal's text, by name."""
    crawling: Crawling | None = None
    """What a corpus says; None: without one."""

    @property
    def token(self) -> str:
        """Its name."""
        return self.tokens[0]

    @property
    def user_agent(self) -> str:
        """The whole User-Agent header."""
        return user_agent(self.token, self.contact)

    @property
    def contact_link(self) -> str | None:
        """Where a click on the contact leads; None: it is no address that we know."""
        if _WEB.fullmatch(self.contact):
            return self.contact
        return f"mailto:{self.contact}" if _MAIL.fullmatch(self.contact) else None

    @property
    def home(self) -> str | None:
        """The operator's own site, if it is a web address."""
        return self.url if self.url and _WEB.fullmatch(self.url) else None


def crawler_of(request: Request) -> Crawler:
    """The crawler that is asked for; raises ``ReportError`` where it cannot be told, and ``Damaged``."""
    said, corpus = request.crawler, request.corpus
    policy, context = _collected(corpus) if corpus else (Policy(), Context(agents=(TOKEN,)))
    identity = corpus.folder.manifest.identity if corpus else None
    contact = said.get("contact") or (identity.contact if identity else None)
    if not contact:
        raise ReportError(MISSING)
    tokens = said.get("tokens") or (_written(corpus) if corpus else (TOKEN,))
    agents = tuple(dict.fromkeys(token.lower() for token in (*tokens, TOKEN)))
    new = Policy(
        purposes=said.get("purposes", policy.purposes),
        posture=said.get("posture", policy.posture),
        reading=said.get("reading", policy.reading),
        accepted=_accepted(said) if corpus is None or said.keys() & _ACCEPTING else policy.accepted,
    )
    if corpus:
        _agree(corpus, policy, new, context.agents, agents)
    commercial = not said["non_commercial"] if "non_commercial" in said else context.operator.commercial
    denied = said.get("denylist", Denylist())
    gate = Gate(
        new,
        Context(
            agents=agents,
            operator=Operator(commercial=commercial, country=said.get("country", context.operator.country)),
            denylist=denied if denied != Denylist() else context.denylist,
            trust_anchors=said.get("trust_anchors", context.trust_anchors),
        ),
    )
    conduct = Conduct.of(corpus) if corpus else None
    delay = said["delay"]
    if conduct and conduct.crawls and not said["paced"]:
        delay = conduct.crawls[-1].delay
    return Crawler(
        operator=said.get("operator") or (identity.operator if identity else None),
        url=said.get("operator_url"),
        contact=contact,
        tokens=_distinct((*tokens, TOKEN)),
        purposes=tuple(sorted(new.purposes)),
        posture=new.posture,
        reading=new.reading,
        reason=said.get("reason") or (identity.reason if identity else None),
        accepted=tuple(sorted(new.accepted)),
        kinds=tuple(sorted(said["kinds"])),
        delay=delay,
        together=int(said["together"]),
        max_delay=said["max_crawl_delay"],
        refusals=said["stop_after_refusals"],
        addresses=said.get("addresses", ()),
        policy=gate.digest,
        signals={str(name): str(version) for name, version in versions_of(SIGNALS.values())},
        crawling=_crawling(corpus, conduct) if corpus and conduct else None,
    )


_ACCEPTING = {"accept", "non_commercial"}


def _accepted(said: Mapping[str, Any]) -> frozenset[str]:
    wider: frozenset[str] = said.get("accept", frozenset())
    return ACCEPTED | wider | (NON_COMMERCIAL if said.get("non_commercial") else frozenset())


def _collected(corpus: Corpus) -> tuple[Policy, Context]:
    """The policy of the last run; of one whose description is not stored, as much as the manifest says."""
    identity, ledger = corpus.folder.manifest.identity, corpus.folder.ledger
    agents = identity.tokens or (TOKEN,)
    described = read_policy(ledger, identity.policy)
    if described is not None:
        try:
            trust = read_trust(ledger, trust_of(described)) or ""
            return parse_description(described, trust)
        except Malformed:
            pass
    policy = Policy(purposes=frozenset(identity.purposes), posture=identity.posture, reading=identity.reading)
    return policy, Context(agents=agents)


def _agree(corpus: Corpus, old: Policy, new: Policy, before: tuple[str, ...], agents: tuple[str, ...]) -> None:
    """A page that says something else than the crawl did would be untrue of one of them."""
    for name, one, other in (
        ("tokens", set(before) | {TOKEN}, set(agents)),
        ("purposes", set(old.purposes), set(new.purposes)),
        ("posture", {old.posture}, {new.posture}),
        ("reading", {old.reading}, {new.reading}),
    ):
        if one != other:
            raise ReportError(
                f"{corpus.folder.path}: {name} is {_words(one)}, the configuration has {_words(other)}; "
                "write the page without the corpus, or set the same"
            )


def _written(corpus: Corpus) -> tuple[str, ...]:
    """The tokens as the operator wrote them, where a run recorded that."""
    manifest = corpus.folder.manifest
    known = manifest.identity.tokens
    for run in reversed(manifest.runs):
        written = run.settings.get("tokens")
        if isinstance(written, list) and {str(one).lower() for one in written} <= set(known):
            return tuple(map(str, written))
    return known


def _crawling(corpus: Corpus, conduct: Conduct) -> Crawling:
    return Crawling(
        since=corpus.folder.manifest.created,
        last=conduct.crawls[-1].started if conduct.crawls else None,
        recheck=conduct.rechecks[-1].started if conduct.rechecks else None,
    )


def _distinct(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in whatever case, as it is written first."""
    return tuple({token.lower(): token for token in reversed(tokens)}.values())[::-1]


def _words(values: set[Any]) -> str:
    return ", ".join(sorted(map(str, values)))
