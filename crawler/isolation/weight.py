"""Whether a content may be examined in the crawl's own process, told by its size and a few counts.

What is looked at costs microseconds, so that it can be asked of every content. The bounds keep the worst that
fits below them to some tens of milliseconds; what is above goes to a child, hostile or not. They decide where
something is read, never what is found.
"""

from __future__ import annotations

from crawler.optout.model import Capture, Kind

PAGE = 200_000
"""Octets of a page that is read in place."""

TAGS = 3_000
"""Tags of a page that is read in place; an article has some hundreds."""

EQUALS = 20_000
"""Equals signs of a page that is read in place: attributes, as a rule."""

BRACES = 2_000
"""Brackets of a page that is read in place: in structured data they are what costs."""

PICTURE = 2_000_000
"""Octets of a picture that is read in place."""

INTRICATE = 100_000
"""Octets of a picture in pieces of a stranger's choosing (GIF, TIFF, the boxes of AVIF and JPEG XL, drawings)
that is read in place."""

METADATA = 5_000
"""Signs of markup, in whatever part of a picture, up to which it is read in place, chance left out."""

PACKED = (b"zTXt", b"iTXt", b"iCCP", b"brob", b"\x1f\x8b")
"""What compressed metadata of a picture begins with: a few octets can unfold into megabytes."""

_PLAIN = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"BM")
"""How pictures begin whose pieces are few."""


def is_costly(capture: Capture, kind: Kind) -> bool:
    """Whether the content is given to a child."""
    body = capture.body
    if kind is Kind.TEXT:
        return (
            len(body) > PAGE
            or body.count(b"<") > TAGS
            or body.count(b"=") > EQUALS
            or body.count(b"{") + body.count(b"[") > BRACES
        )
    if len(body) > (PICTURE if body.startswith(_PLAIN) else INTRICATE):
        return True
    marks = body.count(b"<") - len(body) // 200
    return marks > METADATA or any(mark in body for mark in PACKED[:-1]) or body.startswith(PACKED[-1])
