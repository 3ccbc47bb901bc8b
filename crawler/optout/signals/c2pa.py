"""C2PA and CAWG: mining and training reserved in the signed manifest of a file.

CAWG Training and Data Mining Assertion 1.1, ratified 2025-05-16 (https://cawg.io/training-and-data-mining/1.1/),
and the assertion of C2PA 1.4 that it follows; manifests as in C2PA 2.2 and, for web pages, 2.4
(https://spec.c2pa.org/specifications/). A manifest is embedded in the file, or named by the file's XMP, a
``Link`` header or the page, or written into the page.

A reservation counts whoever signed it, also where the signature no longer fits: a picture that was scaled on
its way is still its maker's. A permission counts only from the active manifest inside the file itself, intact
and signed by someone whom the operator trusts.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin

from crawler.optout.grammar.c2pa import Assertion, Manifests, manifests_in, manifests_trusting
from crawler.optout.grammar.fields import header_lines
from crawler.optout.grammar.html import C2PA, page
from crawler.optout.grammar.jumbf import first_store
from crawler.optout.grammar.links import normalise_url
from crawler.optout.grammar.second import is_about, joined, trouble_of
from crawler.optout.grammar.training_mining import uses_of
from crawler.optout.grammar.weblink import read_links
from crawler.optout.grammar.xmp import xmp_of
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    Kind,
    Need,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

MOST = 20
"""Manifests that one carrier may name; each costs a request."""

REL = "c2pa-manifest"
DCTERMS = "http://purl.org/dc/terms/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """Where a manifest was named that is kept elsewhere."""

    carrier: Carrier
    """What names it."""
    locator: str
    """Where in it."""
    text: str
    """The words that name it."""
    reference: str
    """The URI reference as written."""
    base: str
    """What a relative reference is relative to."""


def read_embedded(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """The manifests inside an image or PDF; without any, those that its XMP names."""
    yield from _read_file(capture, Carrier.EMBEDDED, context)


def read_document(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """The manifest inside an EPUB. Feeds come this way too and hold none."""
    if asset.kind is Kind.EPUB:
        yield from _read_file(capture, Carrier.DOCUMENT, context)


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """``Link`` headers with ``rel=c2pa-manifest``, those of redirects included."""
    pointers = [
        Pointer(
            carrier=Carrier.HEADER,
            locator=line.locator,
            text=link.text,
            reference=link.target,
            base=line.source,
        )
        for line in header_lines(capture, "link")
        for link in read_links(line.value)
        if REL in link.rel and is_about(link.anchor, line.source)
    ]
    yield from _follow_all(capture, pointers, context)


def read_html(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement | Need]:
    """``<link rel=c2pa-manifest>``, and manifests written into a script element as base64."""
    document = capture.parsed(page)
    base = joined(capture.url, document.base or "")
    pointers = [
        Pointer(
            carrier=Carrier.HTML,
            locator=link.locator,
            text=f'<link rel="{REL}" href="{link.href}">',
            reference=link.href,
            base=base,
        )
        for link in document.links
        if REL in link.rel
    ]
    yield from _follow_all(capture, pointers, context)
    scripts = [script for script in document.data_scripts if script.type == C2PA and script.text.strip()]
    for script in scripts[:MOST]:
        try:
            data = base64.b64decode("".join(script.text.split()), validate=True)
        except (ValueError, binascii.Error):
            yield _unreadable(quote(capture, Carrier.HTML, f"{script.locator} > no base64", script.text))
        else:
            yield from _said(manifests_in([data]), capture, Carrier.HTML, f"{script.locator} > ")
    if len(scripts) > MOST:
        yield _unreadable(quote(capture, Carrier.HTML, scripts[MOST].locator, f"more than {MOST} manifests"))


def _read_file(capture: Capture, carrier: Carrier, context: Context) -> Iterator[Statement | Need]:
    found = capture.parsed(manifests_trusting(context.trust_anchors))
    yield from _said(found, capture, carrier)
    if not found.embedded:
        named = [(value.locator, value.text) for value in capture.parsed(xmp_of).values(DCTERMS, "provenance")]
        if found.remote:
            named.append(("provenance", found.remote))
        pointers = {
            text: Pointer(carrier=carrier, locator=locator, text=text, reference=text, base=capture.url)
            for locator, text in reversed(named)
            if text.lower().startswith(("http://", "https://"))
        }
        yield from _follow_all(capture, list(pointers.values()), context)


def _follow_all(capture: Capture, pointers: list[Pointer], context: Context) -> Iterator[Statement | Need]:
    for pointer in islice(pointers, MOST):
        yield from _follow(capture, pointer, context)
    if len(pointers) > MOST:
        yield _unreadable(_evidence(capture, pointers[MOST], f"more than {MOST} manifests"))


def _follow(capture: Capture, pointer: Pointer, context: Context) -> Iterator[Statement | Need]:
    """What the manifest that ``pointer`` names says, or the request for it."""
    try:
        url = normalise_url(urljoin(pointer.base, pointer.reference).partition("#")[0])
    except ValueError:  # Malformed is one
        yield _unreadable(_evidence(capture, pointer, "not an address"))
        return
    answer = context.documents.get(url)
    if answer is None:
        yield Need(signal="c2pa", url=url)
        return
    trouble = trouble_of(answer)
    if trouble is None and answer.status is not None and answer.status >= 400:
        trouble = f"status {answer.status}"
    if trouble is not None:
        yield _unreadable(_evidence(answer, pointer, trouble))
        return
    yield from _said(
        answer.parsed(_kept_elsewhere), answer, pointer.carrier, f"{pointer.locator} > ", of_file=True
    )


def _kept_elsewhere(answer: Capture) -> Manifests:
    """A manifest store as a document of its own."""
    body = answer.body
    return manifests_in([body if body[4:8] == b"jumb" else first_store(body)])


def _said(
    found: Manifests, capture: Capture, carrier: Carrier, place: str = "", *, of_file: bool = False
) -> Iterator[Statement]:
    for assertion in found.assertions:
        if assertion.trains:
            yield from _statements(assertion, capture, carrier, place, of_file=of_file)
    if found.trouble:
        evidence = quote(capture, carrier, f"{place}manifest", found.trouble, of_file=of_file)
        yield _unreadable(evidence)


def _statements(
    assertion: Assertion, capture: Capture, carrier: Carrier, place: str, *, of_file: bool
) -> Iterator[Statement]:
    for use in uses_of(assertion.label, assertion.data):
        basis = use.basis
        if use.preference is Preference.ALLOW and not assertion.trusted:
            basis = Basis.INFERRED  # said by whoever wrote the file, and nobody knows who that was
        yield Statement(
            signal="c2pa",
            purpose=use.purpose,
            preference=use.preference,
            basis=basis,
            evidence=quote(capture, carrier, place + assertion.locator, use.words, of_file=of_file),
            terms=use.terms,
        )


def _evidence(capture: Capture, pointer: Pointer, why: str) -> Evidence:
    return quote(capture, pointer.carrier, f"{pointer.locator} > {why}", pointer.text)


def _unreadable(evidence: Evidence) -> Statement:
    """There is a manifest, and nobody can tell what it says."""
    return Statement(
        signal="c2pa",
        purpose=Purpose.ANY,
        preference=Preference.UNREADABLE,
        basis=Basis.STATED,
        evidence=evidence,
    )


SIGNAL = Signal(
    name="c2pa",
    title="C2PA and CAWG training and data mining",
    spec="https://cawg.io/training-and-data-mining/1.1/",
    version="1.1, 2025-05-16; C2PA 1.4 and 2.4",
    readers={
        Carrier.HEADER: read_header,
        Carrier.HTML: read_html,
        Carrier.EMBEDDED: read_embedded,
        Carrier.DOCUMENT: read_document,
    },
    meanings=(
        ("data_mining: notAllowed", "text and data mining is reserved"),
        ("ai_training, ai_generative_training: notAllowed", "that training is reserved"),
        ("ai_inference: notAllowed", "use as AI input is reserved"),
        ("constrained", "on terms only: reserved, with the creator's words as terms"),
        ("any other value, content that cannot be read", "recovered: reserved"),
        ("another key, not allowed", "inferred: every AI use is reserved"),
        (
            "a manifest that is invalid, unsigned or signed by strangers",
            "reserves all the same, permits nothing",
        ),
        ("the manifest of a parent or component", "reserves as well; that of an input does not"),
        (
            "allowed, in an intact file signed under the operator's trust anchors",
            "allowed; anywhere else recorded",
        ),
        ("a manifest kept elsewhere", "fetched; it can reserve, and undetermined without it"),
        ("a manifest that cannot be read", "undetermined"),
    ),
)
