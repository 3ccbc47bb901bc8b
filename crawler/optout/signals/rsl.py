"""RSL: Really Simple Licensing 1.0 (https://rslstandard.org/rsl).

A site names a licence document in robots.txt, in a ``Link`` header, in its pages and feeds, or writes the terms
into the page, image or book itself. Whoever holds no licence may take what the terms allow for free, and no
more: a document that is named and cannot be had, or is no valid RSL, allows nothing.

Grants are believed only from a conforming document that was named as the specification asks, and restrictions
from every other one too. Terms of an element are taken for terms of its page, because pages are kept whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urljoin

from crawler.optout.agents import FRAMEWORK_AGENTS
from crawler.optout.grammar.epub import may_be_epub
from crawler.optout.grammar.feed import LicenceLink, feed_of
from crawler.optout.grammar.fields import header_lines
from crawler.optout.grammar.html import RSL, page
from crawler.optout.grammar.licence_lines import LicenceLine, licence_lines
from crawler.optout.grammar.licences import licence_of
from crawler.optout.grammar.links import normalise_url
from crawler.optout.grammar.robots import ROBOTS_TXT
from crawler.optout.grammar.rsl import Document, parse_rsl
from crawler.optout.grammar.rsl_embedded import Embedded, terms_in_epub, terms_in_metadata
from crawler.optout.grammar.rsl_match import Match, decide, in_document, in_feed, in_page
from crawler.optout.grammar.rsl_terms import USES, Verdict
from crawler.optout.grammar.rsl_url import authority_of
from crawler.optout.grammar.second import is_about, joined, trouble_of
from crawler.optout.grammar.weblink import read_links
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    Kind,
    Malformed,
    Need,
    Operator,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

MOST = 20
"""Licence documents that one carrier may name; each costs a request."""

MOST_MATCHES = 20
"""Parts of one document that may speak about one URL."""

REFUSED = tuple(use for use in USES if use is not Purpose.TDM)
"""What a licence that cannot be had, or is none, leaves unlicensed; mining is refused use by use."""

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """Where terms were named, or placed."""

    carrier: Carrier
    """What carries them."""
    locator: str
    """Where in it."""
    text: str
    """The words that name them."""
    reference: str = ""
    """The URI reference as written; empty for terms that are written into the page."""
    base: str = ""
    """What a relative reference is relative to."""
    exact: bool = True
    """Whether they were named as the specification asks."""
    grants: bool = True
    """Whether a grant would be believed."""
    inferred: bool = False
    """Whether they were named for others and are read onto us."""


def read_robots_txt(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """``License:`` lines of our group; without any, those outside all groups; without any, those of others."""
    yield from _follow_all(capture, capture.parsed(_OfTheSite(context.agents)), (asset.url,), context)


@dataclass(frozen=True, slots=True)
class _OfTheSite:
    """Where ``License:`` lines point to, in the form that ``Capture.parsed`` remembers it by."""

    agents: tuple[str, ...]

    def __call__(self, capture: Capture) -> list[Pointer]:
        lines = licence_lines(capture, self.agents, sorted(FRAMEWORK_AGENTS))
        return list(dict.fromkeys(_pointer_of_robots_txt(capture, line) for line in lines))


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """``Link`` headers with ``rel=license`` and RSL's media type, those of redirects included."""
    pointers = []
    for line in header_lines(capture, "link"):
        for link in read_links(line.value):
            if "license" in link.rel and "rsl" in link.type and is_about(link.anchor, line.source):
                pointers.append(
                    Pointer(
                        carrier=Carrier.HEADER,
                        locator=line.locator,
                        text=link.text,
                        reference=link.target,
                        base=line.source,
                        exact=link.exact and link.type == RSL,
                        grants=line.source == capture.url,
                    )
                )
    yield from _follow_all(capture, pointers, (asset.url, capture.url), context)


def read_html(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """``<link rel=license>`` with RSL's media type, and terms written into a script element."""
    document = capture.parsed(page)
    urls = (asset.url, capture.url)
    base = joined(capture.url, document.base or "")
    pointers = [
        Pointer(
            carrier=Carrier.HTML,
            locator=link.locator,
            text=f'<link rel="license" type="{link.type}" href="{link.href}">',
            reference=link.href,
            base=base,
            exact=link.type == RSL,
            grants=link.in_head,
        )
        for link in document.links
        if "license" in link.rel and "rsl" in link.type
    ]
    yield from _follow_all(capture, pointers, urls, context)
    scripts = [
        Pointer(carrier=Carrier.HTML, locator=script.locator, text=script.text.strip(), grants=script.in_head)
        for script in document.data_scripts
        if script.type == RSL and script.text.strip()
    ]
    for pointer in scripts[:MOST]:
        yield from _read_script(capture, pointer, urls, context)
    if len(scripts) > MOST:
        yield _unreadable(capture, scripts[MOST], f"more than {MOST} licences")


def _read_script(
    capture: Capture, pointer: Pointer, urls: tuple[str, ...], context: Context
) -> Iterator[Statement]:
    """Terms written into a page: exactly one content, about the place where it stands."""
    try:
        terms = parse_rsl(_DECLARATION.sub("", pointer.text, count=1).strip().encode("utf-8", "replace"))
    except Malformed as error:
        if capture.complete:
            yield from _refuse(capture, pointer, str(error))
        else:
            yield _unreadable(capture, pointer, "cut short")
        return
    if len(terms.contents) > 1:
        terms = replace(terms, defects=(*terms.defects, (terms.contents[1].place, "more than one content")))
    yield from _weigh(capture, pointer, terms, in_page(terms, urls), context.operator)


def read_embedded(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """Terms in the metadata of an image or PDF; they speak about the file, wherever it lies."""
    yield from _weigh_embedded(capture, Carrier.EMBEDDED, terms_in_metadata(capture), asset, context)


def read_document(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """Terms in the package of an EPUB, or what a feed says about the asset."""
    if asset.kind is Kind.EPUB and may_be_epub(capture):
        yield from _weigh_embedded(capture, Carrier.DOCUMENT, terms_in_epub(capture), asset, context)
    elif not (asset.kind is Kind.PDF and b"%PDF-" in capture.body[:1024]):
        yield from read_feed_item(capture, asset, context)


def _weigh_embedded(
    capture: Capture, carrier: Carrier, found: list[Embedded], asset: Asset, context: Context
) -> Iterator[Statement]:
    for one in found[:MOST]:
        pointer = Pointer(carrier=carrier, locator=one.locator, text=one.text, exact=one.exact)
        if one.terms is None:
            yield from _refuse(capture, pointer, "terms that cannot be read")
        else:
            matches = in_page(one.terms, (asset.url, capture.url))
            yield from _weigh(capture, pointer, one.terms, matches, context.operator)
    if len(found) > MOST:
        pointer = Pointer(carrier=carrier, locator=found[MOST].locator, text=found[MOST].text)
        yield _unreadable(capture, pointer, f"more than {MOST} licences")


def read_feed_item(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """``rsl:content`` and licence links in a feed, about the page of an item on the feed's own host."""
    feed = capture.parsed(feed_of)
    host = authority_of(capture.url)
    if host is None or authority_of(asset.url) != host:
        return
    about: list[tuple[str, Document, str | None]] = [("feed", terms, None) for terms in feed.terms]
    about += [
        (f"item[{index}]", terms, item.link) for index, item in enumerate(feed.items) for terms in item.terms
    ]
    for locator, terms, link in about:
        matches = in_feed(terms, asset.url, host, own=link == asset.url)
        if matches or not terms.contents:
            pointer = Pointer(carrier=Carrier.DOCUMENT, locator=locator, text=locator)
            yield from _weigh(capture, pointer, terms, matches, context.operator)
    named = [("feed", link) for link in feed.licences]
    for index, item in enumerate(feed.items):
        named += [(f"item[{index}]", link) for link in item.licences if item.link == asset.url]
    pointers = [_pointer_of_feed(locator, link) for locator, link in named if "rsl" in link.type]
    yield from _follow_all(capture, pointers, (asset.url,), context)
    if not capture.complete and feed.items and feed.items[-1].link == asset.url:
        pointer = Pointer(carrier=Carrier.DOCUMENT, locator=f"item[{len(feed.items) - 1}]", text="")
        yield _unreadable(capture, pointer, "cut short")


def _pointer_of_feed(locator: str, link: LicenceLink) -> Pointer:
    """RSL does not speak of licence links in feeds: what they name can only deny."""
    return Pointer(
        carrier=Carrier.DOCUMENT,
        locator=locator,
        text=f'<link rel="license" type="{link.type}" href="{link.href}">',
        reference=link.href,
        base=link.base,
        exact=False,
        grants=False,
    )


def _pointer_of_robots_txt(capture: Capture, named: LicenceLine) -> Pointer:
    return Pointer(
        carrier=Carrier.ROBOTS_TXT,
        locator=f"line {named.line.number}",
        text=named.line.text,
        reference=named.reference,
        base=capture.url,
        exact=named.exact,
        grants=named.grants,
        inferred=named.inferred,
    )


def _follow_all(
    capture: Capture, pointers: list[Pointer], urls: tuple[str, ...], context: Context
) -> Iterator[Statement | Need]:
    for pointer in islice(pointers, MOST):
        yield from _follow(capture, pointer, urls, context)
    if len(pointers) > MOST:
        yield _unreadable(capture, pointers[MOST], f"more than {MOST} licences")


def _follow(
    capture: Capture, pointer: Pointer, urls: tuple[str, ...], context: Context
) -> Iterator[Statement | Need]:
    """The document that ``pointer`` names, or the request for it."""
    if licence_of(pointer.reference) is not None:
        return  # an open licence by its own address is no RSL document
    if len(pointer.reference.split()) > 1:
        yield _unreadable(capture, replace(pointer, exact=False), "not an address")
        return
    try:
        url = normalise_url(urljoin(pointer.base, pointer.reference).partition("#")[0])
    except ValueError:  # Malformed is one
        yield from _refuse(capture, replace(pointer, exact=False), "not an address")
        return
    pointer = replace(pointer, reference=url, exact=pointer.exact and url.startswith("https:"))
    answer = context.documents.get(url)
    if answer is None:
        yield Need(signal="rsl", url=url)
        return
    trouble = trouble_of(answer)
    if trouble is not None:
        yield _unreadable(answer, pointer, trouble, of_file=True)
        return
    terms = answer.parsed(_terms_of)
    if isinstance(terms, str):
        yield from _refuse(answer, pointer, terms, of_file=True)
    else:
        yield from _weigh(
            answer,
            pointer,
            terms,
            in_document(terms, urls, placed=pointer.carrier is not Carrier.ROBOTS_TXT),
            context.operator,
        )


def _terms_of(answer: Capture) -> Document | str:
    """The licence document in an answer, or why there is none."""
    assert answer.status is not None
    if answer.status >= 400:
        return f"status {answer.status}"
    try:
        return parse_rsl(answer.body)
    except Malformed as error:
        return str(error)


def _weigh(
    capture: Capture, pointer: Pointer, terms: Document, matches: list[Match], operator: Operator
) -> Iterator[Statement]:
    """What the matching parts say; a document that does not conform says no to all the rest."""
    if len(matches) > MOST_MATCHES:
        yield _unreadable(capture, pointer, f"more than {MOST_MATCHES} contents for one URL")
        return
    said: set[tuple[Purpose, Preference, bool]] = set()
    for match, verdict in decide(terms, matches, operator):
        believed = verdict.preference is not Preference.ALLOW or (
            pointer.exact and pointer.grants and match.grants
        )
        # Many equal contents say one thing many times; the first is enough to read it again.
        key = (verdict.purpose, verdict.preference, match.exact and verdict.exact)
        if believed and key not in said:
            said.add(key)
            yield _statement(capture, pointer, match, verdict)
    if terms.defects and (matches or not terms.contents):
        place, defect = terms.defects[0]
        evidence = _evidence(capture, pointer, f"{place.locator} ({defect})", place.excerpt)
        for purpose in REFUSED:
            if (purpose, Preference.DISALLOW, True) not in said:
                yield _say(pointer, purpose, Preference.DISALLOW, evidence)


def _statement(capture: Capture, pointer: Pointer, match: Match, verdict: Verdict) -> Statement:
    return _say(
        replace(pointer, exact=pointer.exact and match.exact and verdict.exact),
        verdict.purpose,
        verdict.preference,
        _evidence(capture, pointer, verdict.place.locator, verdict.place.excerpt),
        price=verdict.price,
        named=match.content.url,
    )


def _evidence(capture: Capture, pointer: Pointer, where: str, words: str) -> Evidence:
    locator = f"{pointer.locator} > {where}"
    return quote(capture, pointer.carrier, locator, words, of_file=bool(pointer.reference))


def _say(
    pointer: Pointer,
    purpose: Purpose,
    preference: Preference,
    evidence: Evidence,
    *,
    price: str | None = None,
    named: str | None = None,
) -> Statement:
    basis = Basis.STATED if pointer.exact else Basis.RECOVERED
    terms = pointer.reference or (named if named and authority_of(named) else None)
    if price:
        terms = f"{terms} ({price})" if terms else price
    return Statement(
        signal="rsl",
        purpose=purpose,
        preference=preference,
        basis=Basis.INFERRED if pointer.inferred else basis,
        evidence=evidence,
        terms=terms,
    )


def _refuse(capture: Capture, pointer: Pointer, why: str, *, of_file: bool = False) -> Iterator[Statement]:
    """Terms were named and are not to be had: nothing is licensed."""
    evidence = quote(capture, pointer.carrier, f"{pointer.locator} > {why}", pointer.text, of_file=of_file)
    for purpose in REFUSED:
        yield _say(pointer, purpose, Preference.DISALLOW, evidence)


def _unreadable(capture: Capture, pointer: Pointer, why: str, *, of_file: bool = False) -> Statement:
    """Terms were named, and nobody can tell what they say."""
    evidence = quote(capture, pointer.carrier, f"{pointer.locator} > {why}", pointer.text, of_file=of_file)
    return _say(pointer, Purpose.ANY, Preference.UNREADABLE, evidence)


SIGNAL = Signal(
    name="rsl",
    title="Really Simple Licensing",
    spec="https://rslstandard.org/rsl",
    version="1.0, 2025-12-10, errata to 2026-08-07",
    readers={
        Carrier.ROBOTS_TXT: read_robots_txt,
        Carrier.HEADER: read_header,
        Carrier.HTML: read_html,
        Carrier.EMBEDDED: read_embedded,
        Carrier.DOCUMENT: read_document,
    },
    meanings=(
        ("prohibits ai-train", "training is reserved"),
        ("prohibits ai-all, prohibits all", "every AI use, every use is reserved"),
        ("permits search and nothing else", "a closed list: every other use is reserved"),
        ("payment, reporting, server, encrypted, a user or place that is not ours", "reserved: on terms only"),
        ("permits for free or for attribution", "allowed"),
        ("a document that is missing, no RSL or not conforming", "nothing is licensed: every use is reserved"),
        ("a document that the server does not deliver (5xx, 429)", "undetermined"),
        (
            "rsl:rsl in the XMP of an image or PDF, a PNG text or an EPUB package",
            "as above, for every copy of it",
        ),
        ("License: with the address of an open licence", "no RSL; evidence of that licence"),
    ),
    host_files=(ROBOTS_TXT,),
    layered=True,
)
