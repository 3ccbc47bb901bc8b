"""Whose a picture is, in its own words: XMP first, IPTC-IIM where that is silent.

IPTC Photo Metadata Standard (https://iptc.org/std/photometadata/specification/) maps its properties to both:
title (``dc:title``, 2:05), creator (``dc:creator``, 2:80), credit line (``photoshop:Credit``, 2:110) and
copyright notice (``dc:rights``, 2:116); ``xmpRights:UsageTerms`` stands in where there is no notice. None of it
reserves or permits anything.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from crawler.optout.grammar.iim import BYLINE, COPYRIGHT, CREDIT, TITLE, iim_of
from crawler.optout.grammar.xmp import xmp_of
from crawler.optout.model import Capture

DC = "http://purl.org/dc/elements/1.1/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"

LONGEST = 500
"""Characters of each credit."""

CREATORS = 10
"""Creators that are named."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Credits(NamedTuple):
    """What the file says of its origin; "" where it says nothing."""

    title: str
    """Its title."""
    creator: str
    """Who made it, several separated by commas."""
    credit: str
    """Whom to credit, as the file asks."""
    copyright: str
    """The copyright notice."""


def credits_of(capture: Capture) -> Credits:
    """The credits in the file of ``capture``; use as ``capture.parsed(credits_of)``. Never raises."""
    xmp = capture.parsed(xmp_of)
    iim = capture.parsed(iim_of)

    def first(of: tuple[str, str], other: tuple[int, int] | None, *, most: int = 1) -> str:
        texts = tuple(value.text for value in xmp.values(*of)) or (iim.get(other, ()) if other else ())
        return ", ".join(dict.fromkeys(_plain(text) for text in texts[:most]))[:LONGEST]

    return Credits(
        title=first((DC, "title"), TITLE),
        creator=first((DC, "creator"), BYLINE, most=CREATORS),
        credit=first((PHOTOSHOP, "Credit"), CREDIT),
        copyright=first((DC, "rights"), COPYRIGHT) or first((RIGHTS, "UsageTerms"), None),
    )


def _plain(text: str) -> str:
    """On one line, without control characters, and of a length to be quoted."""
    return " ".join(_CONTROL.sub(" ", text[: 2 * LONGEST]).split())[:LONGEST]
