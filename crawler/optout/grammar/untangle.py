"""Markup made safe to parse: XHTML as HTML, and pages that would cost more than their length.

HTML trees can be far larger than their source: every paragraph repeats the formatting elements left open before
it (https://html.spec.whatwg.org/multipage/parsing.html#reconstruct-the-active-formatting-elements), so that 16
KiB become 400 MB, and deep nesting or many attributes cost the square of their number. A page that could do so
is read without the tags nobody reads: they become comments, and what remains does not nest. Its captions and
microdata texts are then not seen; every meta, link, script, anchor and image still is.
"""

from __future__ import annotations

import re

TAGS = 1_500
"""Below this number no page costs much."""

MOST_TAGS = 16_000
"""Above it the tree is read flat."""

MOST_COPIES = 2_000_000
"""Formatting elements times tags: a bound on the elements the parser could create."""

LONG_SOURCE = 65_536
"""Below this length no tag can hold enough attributes to matter."""

MOST_ATTRIBUTES = 300
"""A tag with more is cut."""

_KEPT = (
    "meta|link|script|style|title|textarea|xmp|iframe|noembed|noframes|plaintext|a|area|img|source|base|html|"
    "head|body|frame"
)
_UNREAD = re.compile(rf"<(?=/?[a-z])(?!/?(?:{_KEPT})(?:[\s/>]|\Z))", re.I)
_FORMATTING = re.compile(r"<(?:b|i|s|u|tt|em|big|code|font|small|strike|strong)[\s/]")
_ROOT = re.compile(r"<(html|body)(?=[\s/>])", re.I)
_MICRODATA = re.compile(rf"<(?!(?:{_KEPT})[\s/>])[a-z][\w-]*(?=\s[^<>]*itemprop)", re.I)
_LONG_TAG = re.compile(r"<[a-z][^\s<>/]*[\s/][^<>]{900,}", re.I)
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_SELF_CLOSED = re.compile(r"<(title|script|style|textarea|xmp|iframe|noembed|noframes)\b([^<>]*)/>", re.I)
_PREFIX = re.compile(r"""xmlns:([\w.-]{1,40})\s*=\s*["']https?://www\.w3\.org/1999/xhtml/?["']""", re.I)

_MARK = "!\ue000"
"""Turns the tag it is put into into a comment; can be taken out again."""


def as_html(source: str, xml: bool) -> str:
    """XHTML without the prefix of its namespace, and if it is ``xml`` without self-closed raw text elements."""
    for prefix in set(_PREFIX.findall(source[:4096])):
        source = re.sub(rf"<(/?){re.escape(prefix)}:", r"<\1", source)
    return _SELF_CLOSED.sub(r"<\1\2></\1>", source) if xml else source


def untangled(source: str) -> str:
    """``source``, or where its tree could be far larger than itself, a flat form of it."""
    if len(source) > LONG_SOURCE:
        source = _LONG_TAG.sub(_shortened, source)
    tags = source.count("<")
    if tags <= TAGS:
        return source
    if tags <= MOST_TAGS and tags * sum(1 for _ in _FORMATTING.finditer(source.lower())) <= MOST_COPIES:
        return source
    seen: set[str] = set()

    def first(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name in seen:
            return f"<{_MARK}{name}"
        seen.add(name)
        return match[0]

    flat = _ROOT.sub(first, _MICRODATA.sub("<meta", source))
    return _UNREAD.sub("<" + _MARK, flat)


def is_flat(source: str) -> bool:
    """Whether :func:`untangled` left no structure in ``source``; also where its mark was there before."""
    return _MARK in source


def restored(text: str) -> str:
    """The text of a script as it was before :func:`untangled`."""
    return text.replace(_MARK, "")


def _shortened(match: re.Match[str]) -> str:
    tag = match[0]
    if len(_QUOTED.sub("", tag).split()) <= MOST_ATTRIBUTES:
        return tag
    tag = tag[:4000]
    return tag + '"' * (tag.count('"') % 2) + "'" * (tag.count("'") % 2) + ">"
