"""XHTML written as HTML, for extractors that know nothing else (https://www.w3.org/TR/xhtml1/#guidelines)."""

from __future__ import annotations

import re
from html import escape

from crawler.optout.grammar.untangle import as_html

_VOID = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
_EMPTY = re.compile(rf"<(?!(?:{_VOID})[\s/])([A-Za-z][\w.-]*)((?:\s[^<>]*)?)/>", re.I)
_DOCTYPE = re.compile(r"\s*+(?:<\?xml[^>]*+>)?\s*+<!DOCTYPE[^<>\[]*+\[.{0,50000}?\]\s*>", re.S)


def html_of(source: str) -> str:
    """The markup without prefixes, internal DTD and CDATA sections, and with every end tag that HTML needs.

    To HTML ``<title/>`` is a beginning, and everything behind it is the title.
    """
    source = as_html(source, xml=False)
    if internal := _DOCTYPE.match(source):
        source = "<!DOCTYPE html>" + source[internal.end() :]
    before, *sections = source.split("<![CDATA[")
    return _EMPTY.sub(r"<\1\2></\1>", before + "".join(map(_as_text, sections)))


def _as_text(section: str) -> str:
    """What follows the beginning of a CDATA section, up to the next one."""
    text, end, after = section.partition("]]>")
    return escape(text, quote=False) + after if end else "<![CDATA[" + section
