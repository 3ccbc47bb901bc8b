"""Robots meta and ``X-Robots-Tag``: the AI tokens, and what the older directives mean for a corpus.

No standard. The authority for the older directives is Google's documentation
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag). ``noai`` and ``noimageai`` are
DeviantArt's of November 2022, ``noml`` is https://noml.info, ``DisallowAITraining`` comes from
draft-canel-robots-ai-control-00. Conflicts are settled by union: no directive lifts another, and ``all`` or
``index`` permits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from crawler.optout.agents import FRAMEWORK_AGENTS, TRAINING_AGENTS
from crawler.optout.grammar.html import Meta, page
from crawler.optout.grammar.robots_tag import VALUED, Directive, Said, header_directives, meta_directives
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    Kind,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)


class Word(NamedTuple):
    """What one directive says against one purpose."""

    purpose: Purpose
    basis: Basis
    kind: Kind | None = None


def _both(purpose: Purpose, basis: Basis = Basis.STATED) -> tuple[Word, ...]:
    """A word on the page and, as directly, on its images."""
    return Word(purpose, basis), Word(purpose, basis, Kind.IMAGE)


AI_WORDS: Mapping[str, tuple[Word, ...]] = {
    "noai": _both(Purpose.TDM),
    "noimageai": (Word(Purpose.TDM, Basis.STATED, Kind.IMAGE),),
    "noml": (*_both(Purpose.AI_TRAIN), *_both(Purpose.AI_INPUT)),
    "disallowaitraining": _both(Purpose.AI_TRAIN),
    "noaitraining": _both(Purpose.AI_TRAIN),
    "notrain": _both(Purpose.AI_TRAIN, Basis.RECOVERED),
    "notraining": _both(Purpose.AI_TRAIN, Basis.RECOVERED),
    "nollm": (*_both(Purpose.AI_TRAIN, Basis.RECOVERED), *_both(Purpose.AI_INPUT, Basis.RECOVERED)),
    "nogenai": _both(Purpose.GEN_AI_TRAIN, Basis.RECOVERED),
    "notdm": _both(Purpose.TDM, Basis.RECOVERED),
    "nosummary": (Word(Purpose.AI_INPUT, Basis.RECOVERED),),
}
"""AI tokens: they count whomever they address, because proxies join lines and so mix up agents."""

_NOT_INDEXED = (Word(Purpose.SEARCH, Basis.STATED), Word(Purpose.CRAWL, Basis.INFERRED))

OLD_WORDS: Mapping[str, tuple[Word, ...]] = {
    "noindex": _NOT_INDEXED,
    "none": _NOT_INDEXED,
    "noarchive": (Word(Purpose.CRAWL, Basis.INFERRED),),
    "nocache": (Word(Purpose.CRAWL, Basis.INFERRED),),
    "noimageindex": (
        Word(Purpose.SEARCH, Basis.STATED, Kind.IMAGE),
        Word(Purpose.CRAWL, Basis.INFERRED, Kind.IMAGE),
    ),
    "nosnippet": (Word(Purpose.AI_INPUT, Basis.INFERRED),),
    "disallow": (Word(Purpose.CRAWL, Basis.RECOVERED),),
}
"""Directives of search engines, read onto a corpus when they address everyone or us."""

HARMLESS = frozenset(
    {"all", "index", "follow", "allow", "allowed", "archive", "cache", "snippet", "imageindex", "yes", "true"}
    | {"noodp", "noydir", "notranslate", "nositelinkssearchbox", "indexifembedded"}
)
"""Words that refuse nothing, so that addressed to a training crawler they are no opt-out."""

_BOT_NAMES = frozenset(TRAINING_AGENTS) | FRAMEWORK_AGENTS
_FALSE = frozenset({"", "false", "no", "n", "0", "none", "off", "disallow"})
_LABELS: Mapping[str, Purpose] = {
    "train-ai": Purpose.AI_TRAIN,
    "ai-train": Purpose.AI_TRAIN,
    "train-genai": Purpose.GEN_AI_TRAIN,
    "genai": Purpose.GEN_AI_TRAIN,
    "ai-use": Purpose.AI_INPUT,
    "ai-input": Purpose.AI_INPUT,
    "ai": Purpose.TDM,
    "tdm": Purpose.TDM,
    "bots": Purpose.TDM,
    "all": Purpose.TDM,
    "search": Purpose.SEARCH,
}
"""Labels of Content-Usage and Content-Signal that a meta may borrow."""


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The answer's ``X-Robots-Tag`` lines and those of the redirects on the way to it."""
    return _statements(header_directives(capture), context)


def read_html(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The metas of the page, wherever they stand in it."""
    yield from _statements(meta_directives(capture, _BOT_NAMES | set(context.agents)), context)
    document = capture.parsed(page)
    for meta in document.metas:
        words = tuple(_ad_hoc(meta))
        if words:
            yield from _say(words, quote(capture, Carrier.HTML, meta.locator, meta.content), Basis.RECOVERED)
    if not document.head_complete:
        evidence = quote(capture, Carrier.HTML, "head", document.trouble)
        yield _statement(Purpose.ANY, Preference.UNREADABLE, Basis.STATED, evidence)


def _statements(carriers: Iterable[Said], context: Context) -> Iterator[Statement]:
    ours = frozenset(context.agents) | FRAMEWORK_AGENTS
    weak: dict[str, list[Statement]] = {}
    for said in carriers:
        floor = Basis.RECOVERED if said.recovered else Basis.STATED
        at = said.evidence.at
        for directive in said.directives:
            agent = directive.agent
            if (ai := _ai_words(directive.name)) is not None:
                ours_or_all = not agent or agent in ours
                yield from _say(ai, said.evidence, floor if ours_or_all else Basis.INFERRED)
            elif not agent or agent in ours:
                yield from _say(_old_words(directive, at), said.evidence, floor)
            elif (named := TRAINING_AGENTS.get(agent)) is not None:
                words = _said_to_training(directive, at)
                if named.strong:
                    yield from _say(words, said.evidence, Basis.INFERRED)
                elif words:
                    weak.setdefault(agent, []).extend(_say(words, said.evidence, Basis.INFERRED))
    if len(weak) > 1:
        for statements in weak.values():
            yield from statements


def _ai_words(name: str) -> tuple[Word, ...] | None:
    """What an AI token says; None: it is none. Any token that begins with ``noai`` is one."""
    known = AI_WORDS.get(name)
    if known is not None:
        return known
    plain = name.replace("-", "").replace("_", "")
    if plain in AI_WORDS:
        return tuple(word._replace(basis=Basis.RECOVERED) for word in AI_WORDS[plain])
    if plain.startswith("noimageai"):
        return AI_WORDS["noimageai"]
    if plain.startswith("noaitrain"):
        return AI_WORDS["noaitraining"]
    return AI_WORDS["noai"] if plain.startswith("noai") else None


def _old_words(directive: Directive, at: datetime) -> tuple[Word, ...]:
    if directive.name == "max-snippet":
        return OLD_WORDS["nosnippet"] if directive.value.strip() == "0" else ()
    if directive.name == "unavailable_after":
        return _NOT_INDEXED if _is_past(directive.value, at) else ()
    return OLD_WORDS.get(directive.name, ())


def _said_to_training(directive: Directive, at: datetime) -> tuple[Word, ...]:
    """What a directive addressed to a training crawler says: an unknown word is an opt-out too."""
    if directive.name in VALUED or directive.name == "nosnippet":
        return _old_words(directive, at)
    if directive.name in HARMLESS:
        return ()
    kind = Kind.IMAGE if directive.name == "noimageindex" else None
    return (Word(Purpose.AI_TRAIN, Basis.INFERRED, kind),)


def _is_past(value: str, at: datetime) -> bool:
    """Whether the date has passed; a date nobody can read has."""
    if not value:
        return False
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return True
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return when <= at


def _ad_hoc(meta: Meta) -> Iterator[Word]:
    """Metas that nobody defined and sites write all the same; they can only deny."""
    name = meta.name or meta.property
    content = meta.content.strip().lower()
    if name == "okforai":
        if content in _FALSE:
            yield from _both(Purpose.AI_TRAIN)
    elif name in ("ai", "ai-training", "ai_training"):
        words = content.replace(",", " ").split()
        if any(word in _FALSE or word.startswith("no") for word in words):
            yield from _both(Purpose.AI_TRAIN)
    elif "content-usage" in (name, meta.http_equiv) or "content-signal" in (name, meta.http_equiv):
        for member in content.replace(";", ",").split(",")[:100]:
            label, _, value = member.partition("=")
            purpose = _LABELS.get(label.strip())
            if purpose is not None and value.strip().strip("\"'?") in ("n", "no", "0", "false"):
                yield Word(purpose, Basis.RECOVERED)
    elif name in AI_WORDS and content not in ("false", "no", "0"):
        yield from AI_WORDS[name]


_STRENGTH = (Basis.STATED, Basis.RECOVERED, Basis.INFERRED)


def _say(words: Iterable[Word], evidence: Evidence, floor: Basis) -> Iterator[Statement]:
    """The words as statements, each said at most as directly as ``floor``."""
    for word in words:
        basis = max(word.basis, floor, key=_STRENGTH.index)
        yield _statement(word.purpose, Preference.DISALLOW, basis, evidence, word.kind)


def _statement(
    purpose: Purpose, preference: Preference, basis: Basis, evidence: Evidence, kind: Kind | None = None
) -> Statement:
    return Statement(
        signal="robots-meta", purpose=purpose, preference=preference, basis=basis, evidence=evidence, kind=kind
    )


SIGNAL = Signal(
    name="robots-meta",
    title="Robots meta and X-Robots-Tag",
    spec="https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag",
    version="2026-11-22",
    readers={Carrier.HEADER: read_header, Carrier.HTML: read_html},
    meanings=(
        ("noai, and any token that begins so", "no text and data mining, of the page and of its images"),
        ("noimageai", "no text and data mining of the images"),
        ("noml", "no AI training and no AI input"),
        ("DisallowAITraining, noaitraining, notrain", "no AI training"),
        ("notdm, nollm, nosummary, nogenai", "what they say, though no text defines them"),
        (
            "noindex, none, unavailable_after with a date that has passed",
            "not in a search index; inferred: not kept",
        ),
        ("noarchive, nocache", "inferred: not kept"),
        ("noimageindex", "images: not in a search index; inferred: not kept"),
        ("nosnippet, max-snippet:0", "inferred: no AI input"),
        ("any refusal addressed to a crawler that collects for AI training", "inferred: no AI training"),
        ("okforai=false, ai=no…, Content-Usage in a meta", "no AI training, or what the label says"),
        ("nofollow", "links are not followed; the page may be kept"),
        ("all, index, follow", "nothing: no directive lifts another"),
        ("a page cut or swallowed before the end of its head", "unreadable"),
    ),
)
