"""What a stored RSL licence document offers: what it asks for, where to ask, and who.

RSL 1.0 (https://rslstandard.org/rsl): ``payment`` with ``type``, ``amount``, ``standard`` and ``custom``;
``copyright`` with ``contactEmail`` and ``contactUrl``; ``content`` with ``server``; ``terms``. What the
document permits was decided when it was met (:mod:`crawler.optout.grammar.rsl`); here it is only quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.audit.report.contacts import LICENCE, Contact, address_of
from crawler.optout.codec import time_to_text
from crawler.optout.grammar.rsl import ELEMENTS
from crawler.optout.grammar.xml import children, name_of, parse_xml, text_of
from crawler.optout.model import Capture, Malformed

if TYPE_CHECKING:
    from lxml import etree

MOST = 10
"""Prices and addresses that are taken from one document."""

_CONTENT = re.compile(r"content\[(\d{1,6})\]")
_LONGEST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted:
    """What one part of the document says."""

    prices: tuple[str, ...] = ()
    """``EUR 0.02 per training``, ``subscription``, ``token from https://…``; what is free is none."""
    addresses: tuple[str, ...] = ()
    """Where licences are had, beside the document itself."""
    contact: Contact | None = None
    """Whom the document names as the owner."""


def content_of(locator: str) -> int:
    """Which ``content`` of its document a statement was read from, by its locator; 0 where it tells none."""
    found = _CONTENT.search(locator)
    return int(found[1]) if found else 0


def quoted(capture: Capture, content: int) -> Quoted:
    """What ``capture``, a licence document, says in its ``content`` of that number, counted from 0.

    Never raises: what is no document says nothing.
    """
    try:
        root = parse_xml(capture.body, elements=ELEMENTS)
    except Malformed:
        return Quoted()
    contents = [root] if _local(root) == "content" else _named(root, "content")
    if not contents:
        return Quoted()
    part = contents[min(content, len(contents) - 1)]
    prices = [price for licence in _named(part, "license") for price in _prices(licence)]
    if server := part.get("server"):
        prices.append(f"token from {_short(server)}")
    places = [
        text_of(one)
        for licence in _named(part, "license")
        for payment in _named(licence, "payment")
        for name in ("custom", "standard")
        for one in _named(payment, name)
    ]
    places += [text_of(one) for one in _named(part, "terms")]
    return Quoted(
        prices=tuple(dict.fromkeys(prices))[:MOST],
        addresses=tuple(dict.fromkeys(_short(place) for place in places if place))[:MOST],
        contact=_owner(capture, part, contents),
    )


def _prices(licence: etree._Element) -> Iterator[str]:
    for payment in _named(licence, "payment"):
        kind = _short(payment.get("type") or "")
        amounts = [
            _short(" ".join(filter(None, ((one.get("currency") or "").strip(), text_of(one)))))
            for one in _named(payment, "amount")
        ]
        for amount in filter(None, amounts):
            yield f"{amount} per {kind}" if kind else amount
        if kind and not any(amounts) and kind != "free":
            yield kind


def _owner(capture: Capture, part: etree._Element, contents: list[etree._Element]) -> Contact | None:
    """The ``copyright`` of this part, or else the first one in the document."""
    for one in (part, *contents):
        for owner in _named(one, "copyright"):
            said = [address_of(owner.get(name) or "") for name in ("contactEmail", "contactUrl")]
            addresses = tuple(filter(None, said))
            if addresses:
                return Contact(
                    kind=LICENCE,
                    name=_short(text_of(owner)),
                    addresses=addresses,
                    words="",
                    source=capture.url,
                    at=time_to_text(capture.at),
                )
    return None


def _named(parent: etree._Element, local: str) -> list[etree._Element]:
    return [child for child in children(parent) if _local(child) == local]


def _local(element: etree._Element) -> str:
    return name_of(element)[1].lower()


def _short(text: str) -> str:
    words = " ".join(text[: 4 * _LONGEST].split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
