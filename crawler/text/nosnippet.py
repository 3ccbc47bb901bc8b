"""Parts of a page that are marked ``data-nosnippet`` are left out before anything is extracted.

Google documents it for ``span``, ``div`` and ``section``, as a boolean attribute whose value does not matter
(https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#data-nosnippet-attr). It is
honoured on every element. An element that is never closed reaches as far as the parser lets it.

What comes back is parsed once more, by parsers that see other things in it: elements where this one saw mere
text, an article in a script. So what may hide a mark, or repeat what was marked, goes too.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

NAME = "data-nosnippet"

_NAMED = re.compile("-[nN][oO][sS][nN][iI][pP][pP][eE][tT]")
"""The end of the name in any case; to look for the hyphen is many times quicker than to lower all of a page."""

_ASIDE = "template, script, iframe, noembed, noframes, textarea"
"""Never part of the main text: other parsers may find marks in them, and JSON-LD repeats an article's words."""

_AS_TEXT = "title, xmp, plaintext"
"""Their content is text, tags included; it goes where it names the mark."""

_IN_TABLE = ", ".join(f"{tag}[{NAME}]" for tag in ("table", "colgroup", "thead", "tbody", "tfoot", "tr"))
"""Text that stands in them, outside of a cell, is put before the table by the parser
(https://html.spec.whatwg.org/multipage/parsing.html#foster-parent)."""

_TABLE = re.compile("<(?=table[ \t\r\n/>])", re.I)
_BEFORE = "heedful-before-table"


def may_hold_nosnippet(source: str) -> bool:
    """Whether the name may stand in the markup."""
    return _NAMED.search(source) is not None


def without_nosnippet(source: str) -> str:
    """The markup without these elements; the very same string when it cannot hold the name."""
    if not may_hold_nosnippet(source):
        return source
    tree = LexborHTMLParser(source)
    if tree.css_matches(_IN_TABLE):
        tree = LexborHTMLParser(_TABLE.sub(f"<{_BEFORE}></{_BEFORE}><", source))
        for node in tree.css(_IN_TABLE):
            _mark_what_was_put_before(node)
    hiding = [node for node in tree.css(_AS_TEXT) if may_hold_nosnippet(node.text())]
    for node in hiding:
        node.attrs[NAME] = ""
    # Inner ones first: what is taken out with its parent must not be touched again.
    for node in reversed(tree.css(f"[{NAME}], {_ASIDE}, {_BEFORE}")):
        if node.tag in ("html", "body"):
            return ""
        node.decompose()
    return tree.html or ""


def _mark_what_was_put_before(node: LexborNode) -> None:
    """Mark what the parser has put before the table that ``node`` is, or is a part of."""
    table: LexborNode | None = node
    while table is not None and table.tag != "table":
        table = table.parent
    before = None if table is None else table.prev
    while before is not None and before.tag != _BEFORE and before.css_first(_BEFORE) is None:
        earlier = before.prev
        if before.is_element_node:
            before.attrs[NAME] = ""
        else:
            before.decompose()
        before = earlier
