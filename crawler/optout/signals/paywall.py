"""Access conditions that a page states about itself: paywalls, meters, login walls.

schema.org ``isAccessibleForFree`` (https://schema.org/isAccessibleForFree), which search engines ask publishers
to write on paywalled pages (https://developers.google.com/search/docs/appearance/structured-data/paywalled-content),
and ``article:content_tier``. A crawler may be served the text all the same; what is sold is not collected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from crawler.optout.grammar.html import Page, page
from crawler.optout.grammar.json_ld import blocks, local, objects
from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Preference,
    Purpose,
    Signal,
    Statement,
    quote,
)

PROPERTY = "isaccessibleforfree"
TIERS = frozenset({"locked", "metered"})

_FALSE = frozenset({"false", "no", "0", "n", "f"})
_BROKEN = re.compile(r'isAccessibleForFree"\s*+:[\s\[{]*+"?(?:https?://schema\.org/)?(?:false|no|0)\b', re.I)
_LOGIN = re.compile(r"(?:\A|[/_.\-])(?:log-?in|sign-?in|sso|auth(?:enticate|orize)?)(?:[/_.\-]|\Z)", re.I)
_PASSWORD = re.compile(rb"<input\b[^>]{0,400}\btype\s*=\s*[\"']?password\b", re.I)


def read_html(capture: Capture, asset: Asset, context: Context) -> Iterable[Statement]:
    """What the page says about access to itself, and whether it is a login page that we were sent to."""
    document = capture.parsed(page)
    yield from _json_ld(capture)
    yield from _microdata(capture, document)
    path = urlsplit(capture.url).path
    if capture.hops and _LOGIN.search(path) and (found := _PASSWORD.search(capture.body)):
        yield _deny(capture, "login page", found[0].decode("latin-1"), Basis.STATED)


def _json_ld(capture: Capture) -> Iterator[Statement]:
    for block in capture.parsed(blocks):
        if block.broken:
            if match := _BROKEN.search(block.text):
                yield _deny(capture, block.locator, match[0], Basis.RECOVERED)
            continue
        for node in objects(block.root):
            for key, value in node.items():
                if local(key).lower() == PROPERTY and _is_false(value):
                    yield _deny(capture, block.locator, f"{key}: {value}", Basis.STATED)


def _microdata(capture: Capture, document: Page) -> Iterator[Statement]:
    for meta in document.metas:
        names = {local(name) for name in (meta.name, meta.property, meta.itemprop)}
        basis = Basis.RECOVERED if meta.recovered else Basis.STATED
        locked = "content_tier" in names and meta.content.strip().lower() in TIERS
        if locked or (PROPERTY in names and _is_false(meta.content)):
            yield _deny(capture, meta.locator, meta.content, basis)
    for found in document.properties:
        if local(found.name) == PROPERTY and _is_false(found.value):
            yield _deny(capture, f"[itemprop={found.name}]", found.value, Basis.STATED)


def _is_false(value: object) -> bool:
    """Whether a value says false: also ``"False"``, ``http://schema.org/False``, ``[false]``."""
    if isinstance(value, list):
        return any(_is_false(item) for item in value if not isinstance(item, list))
    if isinstance(value, dict):
        inner = [value.get("@value"), value.get("@id")]
        return any(_is_false(item) for item in inner if not isinstance(item, dict | list))
    if value is None:
        return False
    return local(str(value).strip()).lower() in _FALSE


def _deny(capture: Capture, locator: str, words: str, basis: Basis) -> Statement:
    return Statement(
        signal="paywall",
        purpose=Purpose.CRAWL,
        preference=Preference.DISALLOW,
        basis=basis,
        evidence=quote(capture, Carrier.HTML, locator, words),
    )


SIGNAL = Signal(
    name="paywall",
    title="Paywalls and login walls",
    spec="https://schema.org/isAccessibleForFree",
    version="schema.org 29, 2026-11-22",
    readers={Carrier.HTML: read_html},
    meanings=(
        ("isAccessibleForFree: false, of the page or a part of it", "access is sold: not collected"),
        ("isAccessibleForFree: true", "nothing: free to read is not free to keep"),
        ("article:content_tier: locked, metered", "access is sold: not collected"),
        ("a redirect to a login page with a password field", "access needs credentials: not collected"),
    ),
)
