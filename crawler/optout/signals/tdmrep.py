"""TDM Reservation Protocol: rights in text and data mining reserved by file, header or meta.

W3C TDMRep Community Group, Final Report of 2024-05-10
(https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/). It answers Article 4(3) of Directive
(EU) 2019/790. A malformed value is unset by the report's text; here it is a recovered reservation. A policy
offers, it never unlocks: it is recorded as terms and not fetched.

The report puts the properties into EPUB packages and the XMP of PDFs. Images carry the same XMP, so it is read
there as well, where it can only reserve.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.optout.grammar.epub import epub_of, may_be_epub
from crawler.optout.grammar.fields import header_lines, quote_line
from crawler.optout.grammar.html import page
from crawler.optout.grammar.tdm_words import Word, words_in_epub, words_in_xmp
from crawler.optout.grammar.tdmrep import Reserved, Rule, read_rules, reserved_of, rules_for
from crawler.optout.grammar.xmp import xmp_of
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    HostFile,
    Kind,
    Malformed,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

PATH = "/.well-known/tdmrep.json"
NAMES = ("tdm-reservation", "tdm:reservation")
POLICY_NAMES = ("tdm-policy", "tdm:policy")


def read_file(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The rule of ``tdmrep.json`` that speaks for the asset's URL."""
    parsed = capture.parsed(_parse)
    if isinstance(parsed, Malformed):
        if _means_json(capture):
            evidence = quote(capture, Carrier.HOST_FILE, str(parsed), _text(capture), of_file=True)
            yield _statement(Preference.DISALLOW, Basis.RECOVERED, evidence)
        return
    rules, too_many = parsed
    if too_many:
        evidence = quote(capture, Carrier.HOST_FILE, "rules", "more rules than are read", of_file=True)
        yield _statement(Preference.UNREADABLE, Basis.STATED, evidence)
    rule = rules_for(rules, asset.url)
    if rule is not None:
        evidence = quote(capture, Carrier.HOST_FILE, f"rule[{rule.index}]", rule.text, of_file=True)
        yield from _said(rule.reserved, evidence, rule.policy, may_permit=rule.exact)


def _parse(capture: Capture) -> tuple[list[Rule], bool] | Malformed:
    try:
        return read_rules(capture.body)
    except Malformed as error:
        return error


def read_header(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The ``tdm-reservation`` lines of the answer and of the redirects on the way to it."""
    policies: dict[str, str] = {}
    spoken: set[str] = set()
    for line in header_lines(capture, "tdm-policy"):
        if line.value:
            policies.setdefault(_response(line.locator), line.value)
    for line in header_lines(capture, "tdm-reservation"):
        reserved, response = reserved_of(line.value), _response(line.locator)
        if reserved is not Reserved.UNSET:
            spoken.add(response)
        # A redirect's 0 speaks for the redirect, not for what it leads to.
        yield from _said(reserved, quote_line(capture, line), policies.get(response), may_permit=not response)
    for line in header_lines(capture, "tdm-policy"):
        if line.value and _response(line.locator) not in spoken:
            yield _statement(Preference.DISALLOW, Basis.RECOVERED, quote_line(capture, line), line.value)


def read_html(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The metas of the page."""
    metas = capture.parsed(page).metas
    policies = [meta for meta in metas if _named(meta.name, meta.property, meta.http_equiv, POLICY_NAMES)]
    policy = next((meta.content.strip() for meta in policies if meta.content.strip()), None)
    spoken = False
    for meta in metas:
        if not _named(meta.name, meta.property, meta.http_equiv, NAMES):
            continue
        reserved = reserved_of(meta.content)
        spoken = spoken or reserved is not Reserved.UNSET
        if meta.recovered and reserved is Reserved.YES:
            reserved = Reserved.MALFORMED
        evidence = quote(capture, Carrier.HTML, meta.locator, meta.content)
        yield from _said(reserved, evidence, policy, may_permit=not meta.recovered)
    for meta in policies:
        if meta.content.strip() and not spoken:
            evidence = quote(capture, Carrier.HTML, meta.locator, meta.content)
            yield _statement(Preference.DISALLOW, Basis.RECOVERED, evidence, meta.content.strip())


def read_embedded(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The XMP of an image or PDF; what it lets be mined is the report's word for PDFs alone."""
    words = words_in_xmp(capture.parsed(xmp_of))
    yield from _words(capture, Carrier.EMBEDDED, words, may_permit=asset.kind is Kind.PDF)


def read_document(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """The packages of an EPUB."""
    if asset.kind is Kind.EPUB and may_be_epub(capture):
        words = words_in_epub(capture.parsed(epub_of))
        yield from _words(capture, Carrier.DOCUMENT, words, may_permit=True)


def _words(
    capture: Capture, carrier: Carrier, words: Iterable[Word], *, may_permit: bool
) -> Iterator[Statement]:
    words = list(words)
    policies = [word for word in words if word.means == "policy"]
    policy = next((word.text for word in policies), None)
    spoken = False
    for word in words:
        if word.means == "reservation":
            spoken = True
            reserved = reserved_of(word.text)
            if reserved is Reserved.YES and not word.exact:
                reserved = Reserved.MALFORMED
            evidence = quote(capture, carrier, word.locator, word.written)
            yield from _said(reserved, evidence, policy, may_permit=may_permit and word.exact and word.grants)
    for word in policies:
        if not spoken:
            evidence = quote(capture, carrier, word.locator, word.written)
            yield _statement(Preference.DISALLOW, Basis.RECOVERED, evidence, word.text)


def _said(
    reserved: Reserved, evidence: Evidence, policy: str | None, *, may_permit: bool
) -> Iterator[Statement]:
    if reserved is Reserved.YES:
        yield _statement(Preference.DISALLOW, Basis.STATED, evidence, policy)
    elif reserved is Reserved.MALFORMED:
        yield _statement(Preference.DISALLOW, Basis.RECOVERED, evidence, policy)
    elif reserved is Reserved.NO and may_permit:
        yield _statement(Preference.ALLOW, Basis.STATED, evidence)


def _named(name: str, prop: str, equiv: str, wanted: tuple[str, ...]) -> bool:
    return name in wanted or prop in wanted or equiv in wanted


def _response(locator: str) -> str:
    """The hop a header line belongs to; empty: the answer itself."""
    return locator.partition(".")[0] if locator.startswith("hop[") else ""


def _means_json(capture: Capture) -> bool:
    """Whether a body that is no JSON was meant to be: by its type, or by how it begins."""
    begins = capture.body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return begins.startswith((b"[", b"{")) or (bool(begins) and "json" in (capture.media_type or ""))


def _text(capture: Capture) -> str:
    return capture.body[:2048].decode("utf-8", "replace")


def _statement(preference: Preference, basis: Basis, evidence: Evidence, terms: str | None = None) -> Statement:
    return Statement(
        signal="tdmrep", purpose=Purpose.TDM, preference=preference, basis=basis, evidence=evidence, terms=terms
    )


SIGNAL = Signal(
    name="tdmrep",
    title="TDM Reservation Protocol",
    spec="https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/",
    version="2024-05-10",
    readers={
        Carrier.HOST_FILE: read_file,
        Carrier.HEADER: read_header,
        Carrier.HTML: read_html,
        Carrier.EMBEDDED: read_embedded,
        Carrier.DOCUMENT: read_document,
    },
    meanings=(
        ("tdm-reservation: 1", "text and data mining is reserved"),
        ("tdm-reservation: 0", "not reserved; lifts nothing in the strict reading"),
        ("any other value", "recovered: reserved; by the report's text: unset"),
        ("an empty value", "nothing"),
        ("tdm-policy beside a reservation", "the terms, recorded; a policy never unlocks"),
        ("tdm-policy alone", "recovered: reserved"),
        ("several rules match", "the first and the longest are both heard, the more restrictive speaks"),
        ("tdmrep.json that is broken", "recovered: the whole host is reserved"),
        ("more than 10,000 rules", "unreadable"),
        ("tdm:reservation in an EPUB's package or a PDF's XMP", "as above, for the whole document"),
        ("tdm:reservation in an image's XMP", "the same, but it can only reserve"),
    ),
    host_files=(HostFile(path=PATH, limit=1 << 20),),
    layered=True,
    malformed_is_silence=True,
)
